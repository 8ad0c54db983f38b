"""Hostile texts in every field and query parameter: each is taken or refused with a reason, and none breaks a page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from karvon.media.tests.pictures import sample
from tests.contracts.asking import url_of
from tests.contracts.operations import Operation, list_all_operations
from tests.contracts.test_rights import TABLE, WHO
from tests.contracts.world import World
from tests.security.test_inputs import WRITES, ask_with, change_each, sendable, share

pytestmark = pytest.mark.django_db

TEXTS = [
    "",
    " \t\u200b\u2060\ufeff",
    "\x00",
    "a\x01\x1b[31m\r\nSet-Cookie: a=b",
    "'; DROP TABLE accounts_user; --",
    "{{7*7}}${7*7}%(x)s%s{0}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202egnp.exe \ufdfd \u0e47\u0e47\u0e47 \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "../../etc/passwd",
    "ａ﷽" * 300,
    "x" * 30_000,
]
QUERIES = [*TEXTS[:-2], "x" * 3_000, "-1", "0", "1e5", "NaN", "9" * 40, str(2**63), "１"]
STRINGS_EACH = 8
READS = [each for each in list_all_operations() if each.method == "GET"]


def strings_for(place: int) -> list[str]:
    """Another few of the big list of naughty strings for each operation."""
    strings: list[str] = json.loads(sample("hostile/strings/blns.json").read_text())
    return [strings[(place * STRINGS_EACH + step) % len(strings)] for step in range(STRINGS_EACH)]


@pytest.mark.parametrize(("place", "operation"), list(enumerate(WRITES)), ids=str)
def test_hostile_texts_in_every_field(place: int, operation: Operation, world: World) -> None:
    body = sendable(world, operation)

    for text in share((*TEXTS, *strings_for(place)), place):
        for changed in change_each(body, str, text):
            ask_with(world, operation, changed)


@pytest.mark.parametrize(("place", "operation"), list(enumerate(READS)), ids=str)
def test_hostile_query_parameters(place: int, operation: Operation, world: World) -> None:
    statuses = TABLE[operation.details["operationId"]]
    client = APIClient(raise_request_exception=False)
    who = WHO[statuses.index(min(statuses))]
    client.credentials(**{f"HTTP_{name.upper()}": value for name, value in world.headers(who).items()})
    names = [each["name"] for each in operation.details.get("parameters", []) if each["in"] == "query"]

    for name in (*names, "unheard_of", "ordering"):
        for value in share(QUERIES, place, 2):
            answer: Any = client.get(url_of(world, operation), {name: value})
            assert str(answer.status_code) in operation.details["responses"], (
                answer.status_code,
                name,
                value,
            )
