"""Stripe's signatures, events and amounts, rule by rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from stripe import WebhookSignature

from karvon.payments.errors import (
    AmountMismatch,
    SignatureInvalid,
)
from karvon.payments.protocol import Account
from karvon.payments.providers.stripe import Stripe
from karvon.payments.providers.stripe_events import read_amount, to_units, verify
from karvon.payments.tests.at_stripe import (
    SECRET,
    event_of,
    request_of,
)
from karvon.simulators.stripe import signature

pytestmark = pytest.mark.django_db
AT = datetime.fromtimestamp(1_700_000_000, UTC)
BODY = b'{"id":"evt_test_1","object":"event"}'
VECTOR = "29ab30b7065c11b28e53ac114fac5d6c492ed811a12d11ed2c2aad5bb4cf9809"


# --- the signature ---
@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        (f"t=1700000000,v1={VECTOR}", SECRET),
        (f"t=1700000000,v1={'0' * 64},v1={VECTOR}", SECRET),
        (f"v0={'0' * 64}, t=1700000000, v1={VECTOR}", SECRET),
        (f"t=1700000000,v1={VECTOR}", f"whsec_the_new_one, {SECRET}"),
        (f"t=1700000000,v1={VECTOR}", f"{SECRET},whsec_the_old_one"),
    ],
)
def test_any_v1_of_any_secret_signs(header, secrets):
    verify(secrets, header, BODY, now=AT)


def test_the_library_signs_alike():
    header = WebhookSignature.generate_signature_header(BODY.decode(), SECRET, 1_700_000_000)

    assert header == f"t=1700000000,v1={VECTOR}"


@pytest.mark.parametrize(
    "header",
    [
        "", "t=1700000000", f"v1={VECTOR}", f"t=,v1={VECTOR}", f"t=1e9,v1={VECTOR}", f"t=-1,v1={VECTOR}", "t=1700000000,v1=",
        f"t=1700000000,t=1700000000,v1={VECTOR}", f"t=1700000000,v0={VECTOR}", f"t=1700000001,v1={VECTOR}",
        f"t=1700000000,v1={VECTOR.upper()}", f"t=1700000000,v1={VECTOR[:-1]}", f"t=٣,v1={VECTOR}", "é" * 20, "x" * 5000,
        f"t=01700000000,v1={VECTOR}",
    ],
)  # fmt: skip
def test_garbled_headers_sign_nothing(header):
    with pytest.raises(SignatureInvalid):
        verify(SECRET, header, BODY, now=AT)


@pytest.mark.parametrize("secrets", ["", ",", " , ", "whsec_of_somebody_else", SECRET[:-1]])
def test_without_the_right_secret_nothing_is_signed(secrets):
    with pytest.raises(SignatureInvalid):
        verify(secrets, f"t=1700000000,v1={VECTOR}", BODY, now=AT)


def test_an_empty_secret_signs_nothing_with_its_own_signature():
    forged = signature("", BODY, 1_700_000_000)

    with pytest.raises(SignatureInvalid):
        verify("", f"t=1700000000,v1={forged}", BODY, now=AT)


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"_1", b"_2"), b""])
def test_the_raw_body_is_signed(body):
    with pytest.raises(SignatureInvalid):
        verify(SECRET, f"t=1700000000,v1={VECTOR}", body, now=AT)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_tolerated(seconds):
    verify(SECRET, f"t=1700000000,v1={VECTOR}", BODY, now=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 86400 * 365, -86400 * 365])
def test_neither_stale_nor_from_the_future(seconds):
    with pytest.raises(SignatureInvalid):
        verify(SECRET, f"t=1700000000,v1={VECTOR}", BODY, now=AT + timedelta(seconds=seconds))


# --- events that are right, and those that are not ---
ACCOUNT = Account("stripe", {"STRIPE_SECRET_KEY": "sk_test_12345678", "STRIPE_WEBHOOK_SECRET": SECRET}, "")


def read(body, account=ACCOUNT, **how):
    return Stripe().read(account, request_of(body, **how))


@pytest.mark.parametrize(
    "kind", ["charge.succeeded", "payment_intent.succeeded", "customer.created", "made.up"]
)
def test_other_events_are_received_and_say_nothing(kind):
    notice = read(event_of(kind))

    assert (notice.event_id, notice.kind, list(notice.facts)) == ("evt_1", kind, [])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"evt_1"', b"null", BODY,
        {"id": "evt_1", "object": "v2.core.event", "type": "v1.charge.succeeded", "livemode": False},
        event_of(id=""), event_of(id=7), event_of(type=None), event_of(data=None), event_of(data={"object": "x"}),
        event_of(object="v2.core.event"), event_of(livemode="false"), event_of(id="evt\u0000"),
        event_of("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1", "paid": True, "currency": "usd", "amount": 1.5}),
        event_of("checkout.session.completed", {"id": "cs_1", "mode": "payment"}),
        event_of("refund.updated", {"id": "re_1", "currency": None}),
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused_though_signed(body):
    with pytest.raises(SignatureInvalid):
        read(body)


def test_an_event_fits_the_mode_of_the_key():
    live = Account("stripe", {**ACCOUNT.values, "STRIPE_SECRET_KEY": "rk_live_12345678"}, "")

    assert read(event_of(livemode=True), live).event_id == "evt_1"
    for event, account in ((event_of(livemode=True), ACCOUNT), (event_of(livemode=False), live)):
        with pytest.raises(SignatureInvalid):
            read(event, account)


def test_an_event_of_a_connected_account_says_nothing_of_our_money():
    paid = {
        "mode": "payment",
        "id": "cs_1",
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 1,
        "currency": "usd",
    }
    kind = "checkout.session.completed"

    assert len(read(event_of(kind, paid)).facts) == 1
    assert not read(event_of(kind, paid, account="acct_1")).facts


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])  # fmt: skip
def test_other_content_types_are_refused(content_type):
    with pytest.raises(SignatureInvalid):
        read(event_of(), content_type=content_type)


# --- amounts ---
@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("12.34", "USD", 1234), ("125000", "UZS", 12_500_000), ("500", "JPY", 500), ("500", "KRW", 500), ("500", "VND", 500),
        ("5", "ISK", 500), ("5", "UGX", 500), ("5", "MGA", 5), ("1.230", "KWD", 1230),
    ],
)  # fmt: skip
def test_amounts_are_in_the_smallest_unit(amount, currency, units):
    assert to_units(Decimal(amount), currency) == units
    assert read_amount(units, currency) == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "USD"), ("0.5", "JPY"), ("1.234", "KWD")])
def test_a_part_of_a_unit_is_refused(amount, currency):
    with pytest.raises(AmountMismatch):
        to_units(Decimal(amount), currency)
