"""What Click signs, in what order it is checked, and what is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from karvon.orders.models import Order
from karvon.payments.models import (
    AttemptState,
    EventOutcome,
    ProviderEvent,
)
from karvon.payments.providers.click import digest_of, signature_of
from karvon.payments.tests.at_click import fields_of, prepare, prepared, send, sign
from karvon.payments.tests.calling import states
from karvon.payments.tests.factories import make_unpaid
from karvon.simulators.credentials import DEMO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("click")


# --- vectors ---
def test_signatures_of_the_documents():
    fields = {
        "click_trans_id": "1111", "service_id": "2222", "merchant_trans_id": "11111", "amount": "1000.0", "action": "0",
        "sign_time": "2026-01-15 12:30:45",
    }  # fmt: skip
    assert signature_of(fields, "AAAAAAAA") == "58af4d69993816bd0a10df8d3d789705"
    fields |= {"action": "1", "merchant_prepare_id": "77"}
    assert signature_of(fields, "AAAAAAAA") == "7349ff09cee368acafa42cfbd415d623"
    assert digest_of("AAAAAAAA", "1519051543") == "d68137d799e1436eb45457c9bb289c072b5012e5"


# --- the order of checks ---
WRONG: list[tuple[dict[str, Any], int]] = [
    ({"amount": "1"}, -2),
    ({"amount": "NaN"}, -2),
    ({"amount": "Infinity"}, -2),
    ({"amount": "1e9"}, -2),
    ({"amount": "+20000"}, -2),
    ({"amount": "20000."}, -2),
    ({"amount": " 20000"}, -2),
    ({"merchant_trans_id": "9" * 19}, -5),
    ({"amount": "-1"}, -2),
    ({"amount": "9" * 400}, -2),
    ({"amount": "\u0661\u0660"}, -2),
    ({"action": "2"}, -3),
    ({"action": "01"}, -3),
    ({"merchant_trans_id": "5"}, -5),
    ({"merchant_trans_id": "\x00"}, -5),
    ({"merchant_trans_id": "9" * 300}, -5),
    ({"service_id": "2"}, -8),
    ({"click_trans_id": "x"}, -8),
    ({"click_trans_id": "9" * 20}, -8),
    ({"click_trans_id": "0"}, -8),
    ({"error": "x"}, -8),
    ({"error": ""}, -8),
    ({"sign_time": "now"}, -8),
    ({"sign_time": "2026-01-15 12:30:45\n"}, -8),
    ({"click_trans_id": None}, -8),
    ({"merchant_trans_id": ""}, -8),
    ({"click_paydoc_id": None}, -8),
]


def test_what_is_not_right_changes_nothing(order):
    for changes, expected in WRONG:
        body = sign(fields_of(order) | {name: text or "" for name, text in changes.items()})
        for name, text in changes.items():
            if text is None:
                body = body.replace(name.encode(), b"x")
        assert send("prepare", body)["error"] == expected, changes
    assert states() == []


def test_amounts_are_numbers_not_texts(order):
    total = order.total
    for number, text in enumerate((f"{total:.0f}", f"{total:.1f}", f"{total:.2f}", f"{total:.6f}"), 1):
        assert prepare(order, amount=text, click_trans_id=number)["error"] == 0, text
    assert prepare(order, amount=f"0{total:.2f}")["error"] == -2


def test_addresses_and_actions_go_together(order):
    prepare_id = prepared(order)
    assert send("complete", sign(fields_of(order)))["error"] == -3
    body = sign(fields_of(order, action=1, merchant_prepare_id=prepare_id))
    assert send("prepare", body)["error"] == -3
    assert send("refund", body)["error"] == -3
    assert states() == [AttemptState.CREATED]


def test_only_whole_forms_are_read(order):
    good = sign(fields_of(order))
    for body in (b"", b"{}", b"\xff" * 9, good + b"&amount=1", good + b"&a=b" * 100, b"a=%FF&" + good):
        assert send("prepare", body)["error"] == -8
    for kind in ("", "application/json", "multipart/form-data", "text/plain"):
        assert send("prepare", good, headers={"content-type": kind})["error"] == -8
    assert send("prepare", good, method="GET")["error"] == -8
    missing = sign(fields_of(order, action=1))
    assert send("complete", missing)["error"] == -8
    assert states() == []


def test_nothing_is_done_without_the_key(order):
    fields = fields_of(order)
    other = signature_of(fields_of(make_unpaid("click")), DEMO.click_secret_key)
    complete_sign = signature_of(fields | {"action": "1", "merchant_prepare_id": "1"}, DEMO.click_secret_key)
    right = signature_of(fields, DEMO.click_secret_key)
    for forged in ("0", "0" * 32, right.upper(), right[:-1], right + "0", other, complete_sign, "\u0443"):
        assert send("prepare", urlencode(fields | {"sign_string": forged}).encode())["error"] == -1
    assert send("prepare", sign(fields, "AAAAAAAA"))["error"] == -1
    assert send("prepare", sign(fields, ""))["error"] == -1
    # the raw texts are signed: a number that is worth the same is another text
    changed = fields | {"sign_string": right, "amount": f"{order.total:.1f}"}
    assert send("prepare", urlencode(changed).encode())["error"] == -1
    assert states() == []
    events = ProviderEvent.objects.all()
    assert {event.outcome for event in events} == {EventOutcome.FORGED}


def test_a_shop_without_click_signs_nothing(settings, order):
    settings.KARVON_PROVIDERS["click"]["CLICK_SECRET_KEY"] = ""
    assert send("prepare", sign(fields_of(order), ""))["error"] == -1
