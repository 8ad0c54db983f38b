"""Hostile numbers in every field and path: each is taken or refused with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.contracts.asking import body_of, url_of
from tests.contracts.operations import Operation, list_all_operations
from tests.contracts.test_rights import TABLE, WHO
from tests.contracts.world import World

pytestmark = pytest.mark.django_db

NUMBERS: list[Any] = [
    0, -1, 1.5, True, None, [], {}, "", "NaN", "Infinity", "-Infinity", "1e5", "1E+30", "0x10", "１２", "1_0", " 5 ",
    2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, "9" * 400, "0." + "1" * 60, 1e308, -0.0,
]  # fmt: skip
IDS: list[Any] = [0, 2**31, 2**63 - 1, 2**63, 10**30, "-1", "x" * 300, "%00", "..", "٣", "1;--"]
WRITES = [each for each in list_all_operations() if each.example_body() and each.method != "GET"]


def ask_with(world: World, operation: Operation, body: Any) -> None:
    """As somebody who may; the answer is always one that the document announces."""
    statuses = TABLE[operation.details["operationId"]]
    client = APIClient(raise_request_exception=False)
    who = WHO[statuses.index(min(statuses))]
    client.credentials(**{f"HTTP_{name.upper()}": value for name, value in world.headers(who).items()})
    send = getattr(client, operation.method.lower())
    answer = send(url_of(world, operation), body, format="json")
    assert str(answer.status_code) in operation.details["responses"], (answer.status_code, body)
    if answer.status_code >= 400:
        assert set(answer.json()) == {"error", "code", "details"}
        assert answer.json()["error"]


def change_each(body: Any, kinds: type | tuple[type, ...], value: Any) -> list[Any]:
    """Copies of a body, each with one value of these kinds replaced, however deep it stands."""
    if isinstance(body, kinds) and not isinstance(body, bool):
        return [value]
    if isinstance(body, dict):
        return [body | {key: new} for key, old in body.items() for new in change_each(old, kinds, value)]
    if isinstance(body, list) and body:
        return [[new, *body[1:]] for new in change_each(body[0], kinds, value)]
    return []


def sendable(world: World, operation: Operation) -> dict[str, Any]:
    body = body_of(world, operation) or {}
    return {name: value for name, value in body.items() if not hasattr(value, "chunks")}


def share(values: Sequence[Any], start: int, stride: int = 4) -> Sequence[Any]:
    """Every fourth value, from another one for each operation: together the operations try all of them in all kinds of
    fields, in a quarter of the time.
    """
    return values[start % stride :: stride]


@pytest.mark.parametrize(("place", "operation"), list(enumerate(WRITES)), ids=str)
def test_hostile_numbers_in_every_field(place: int, operation: Operation, world: World) -> None:
    body = sendable(world, operation)

    for number in share(NUMBERS, place):
        for changed in change_each(body, (int, float), number):
            ask_with(world, operation, changed)


@pytest.mark.parametrize(
    "operation",
    [each for each in list_all_operations() if each.parameters and each.method != "POST"],
    ids=str,
)
def test_ids_that_nobody_has(operation: Operation, world: World) -> None:
    client = APIClient(raise_request_exception=False)
    statuses = TABLE[operation.details["operationId"]]
    # an operator where one may, because nothing is hidden from them: else the first who may
    who = WHO[-1] if statuses[-1] != 403 else WHO[statuses.index(min(statuses))]
    client.credentials(HTTP_AUTHORIZATION=world.headers(who)["Authorization"])

    for parameter, value in product(operation.parameters, IDS):
        url = operation.path.replace("{" + parameter + "}", str(value))
        url = url.format(**{name: world.ids[operation.name_of(name)] for name in operation.parameters})
        answer = getattr(client, operation.method.lower())(url, sendable(world, operation), format="json")

        # taking off a list what is not on it is done already
        done = {204} if operation.details["operationId"] in {"remove_favourite", "unlike"} else set()
        assert answer.status_code in {400, 404, 405} | done, (answer.status_code, url)
