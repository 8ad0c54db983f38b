"""Whatever stands in a provider's event or answer in place of what should: nothing comes of it that could not be written down."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from karvon.kernel import clock
from karvon.kernel.errors import DomainError
from karvon.payments import outside
from karvon.payments.errors import SignatureInvalid
from karvon.payments.protocol import (
    Account,
    CallbackRequest,
    Fact,
    Intent,
    NextStep,
    RefundAnswer,
    RefundOrder,
)
from karvon.payments.providers import paypal, paypal_line
from karvon.payments.providers.paypal import PayPal
from karvon.payments.providers.razorpay import Razorpay
from karvon.payments.providers.stripe import Stripe
from karvon.simulators.razorpay import webhook_signature
from karvon.simulators.stripe import signature

ODD = (None, [], {}, "", "x" * 5000, "\x00", True, -1, 1.5, 10**30, [None], "0001-01-01T00:00:00+23:59")
VALUES = {
    "STRIPE_SECRET_KEY": "sk_test_12345678", "STRIPE_WEBHOOK_SECRET": "whsec_12345678", "RAZORPAY_KEY_ID": "rzp_test_123456",
    "RAZORPAY_KEY_SECRET": "s", "RAZORPAY_WEBHOOK_SECRET": "w", "PAYPAL_CLIENT_ID": "c", "PAYPAL_CLIENT_SECRET": "s",
    "PAYPAL_WEBHOOK_ID": "w",
}  # fmt: skip
WAYS = {"stripe": Stripe(), "razorpay": Razorpay(), "paypal": PayPal()}
NAMES = {"order_id": "1", "payment_id": "2"}
UUID = "01890a5d-ac96-774b-bcce-b302099a8057"

SESSION = {
    "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid", "payment_intent": "pi_1",
    "amount_total": 1234, "currency": "usd", "metadata": NAMES, "url": "https://checkout.stripe.com/c/1", "expires_at": 1_800_000_000,
}  # fmt: skip
REFUND = {
    "id": "re_1", "object": "refund", "amount": 1234, "currency": "usd", "payment_intent": "pi_1", "status": "succeeded",
    "metadata": {"refund_id": UUID}, "failure_reason": None,
}  # fmt: skip
CHARGE = {
    "id": "ch_1", "object": "charge", "payment_intent": "pi_1", "paid": True, "amount": 1234, "amount_refunded": 34, "currency": "usd",
    "metadata": NAMES,
}  # fmt: skip
DISPUTE = {"id": "dp_1", "payment_intent": "pi_1", "status": "lost", "reason": "fraudulent"}
DECLINED = {"id": "pi_1", "metadata": NAMES, "last_payment_error": {"code": "card_declined"}}
PAYMENT = {
    "id": "pay_1", "order_id": "order_1", "status": "captured", "amount": 1234, "currency": "INR", "created_at": 1_790_000_000,
    "amount_refunded": 34, "error_reason": None,
}  # fmt: skip
RAZORPAY_REFUND = {
    "id": "rfnd_1", "payment_id": "pay_1", "status": "processed", "amount": 1234, "currency": "INR", "notes": {"refund_id": UUID},
}  # fmt: skip
MONEY = {"value": "12.34", "currency_code": "USD"}
CAPTURE = {
    "id": "CAP1", "status": "COMPLETED", "amount": MONEY, "invoice_id": "order-1-payment-2", "create_time": "2026-11-01T00:00:00Z",
    "supplementary_data": {"related_ids": {"order_id": "PP1"}},
}  # fmt: skip
PAYPAL_REFUND = {
    "id": "REF1", "status": "COMPLETED", "amount": MONEY, "custom_id": UUID,
    "links": [{"rel": "up", "href": "https://api-m.paypal.com/v2/payments/captures/CAP1"}],
}  # fmt: skip
ORDER = {
    "id": "PP1", "status": "COMPLETED", "links": [{"rel": "approve", "href": "https://www.paypal.com/checkoutnow?token=PP1"}],
    "purchase_units": [{"invoice_id": "order-1-payment-2", "payments": {"captures": [CAPTURE], "refunds": [PAYPAL_REFUND]}}],
}  # fmt: skip


def stripe_event(kind, thing) -> dict[str, Any]:
    head = {"id": "evt_1", "object": "event", "type": kind, "created": 1_790_000_000, "livemode": False}
    return head | {"data": {"object": thing}}


def razorpay_event(kind, **entities) -> dict[str, Any]:
    payload = {name: {"entity": entity} for name, entity in entities.items()}
    return {"entity": "event", "event": kind, "created_at": int(clock.now().timestamp()), "payload": payload}


def paypal_event(kind, resource) -> dict[str, Any]:
    return {"id": "WH-1", "event_type": kind, "resource": resource}


EVENTS = [
    ("stripe", stripe_event("checkout.session.completed", SESSION)),
    ("stripe", stripe_event("charge.refunded", CHARGE)),
    ("stripe", stripe_event("refund.updated", REFUND)),
    ("stripe", stripe_event("refund.failed", REFUND | {"status": "failed"})),
    ("stripe", stripe_event("charge.dispute.closed", DISPUTE)),
    ("stripe", stripe_event("payment_intent.payment_failed", DECLINED)),
    ("stripe", stripe_event("checkout.session.expired", SESSION)),
    ("razorpay", razorpay_event("order.paid", payment=PAYMENT, order={"id": "order_1"})),
    ("razorpay", razorpay_event("payment.failed", payment=PAYMENT | {"status": "failed"})),
    ("razorpay", razorpay_event("refund.processed", payment=PAYMENT, refund=RAZORPAY_REFUND)),
    ("razorpay", razorpay_event("payment.dispute.lost", payment=PAYMENT)),
    ("paypal", paypal_event("PAYMENT.CAPTURE.COMPLETED", CAPTURE)),
    ("paypal", paypal_event("PAYMENT.CAPTURE.DENIED", CAPTURE | {"status": "DECLINED", "status_details": {"reason": "OTHER"}})),
    ("paypal", paypal_event("PAYMENT.CAPTURE.REFUNDED", PAYPAL_REFUND)),
    ("paypal", paypal_event("CHECKOUT.ORDER.APPROVED", ORDER | {"status": "APPROVED"})),
    ("paypal", paypal_event("CUSTOMER.DISPUTE.CREATED", {"disputed_transactions": [{"seller_transaction_id": "CAP1"}]})),
]  # fmt: skip


def changed(thing: Any, by: Iterable[Any] = ODD) -> Iterator[Any]:
    """The same with each of its parts, at any depth, gone or replaced by something odd."""
    for path in _paths(thing):
        for odd in by:
            yield _with(thing, path, odd)
        if path:
            yield _with(thing, path, None, is_gone=True)


def _paths(thing: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    parts = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for name, part in parts:
        yield from _paths(part, (*path, name))


def _with(thing: Any, path: tuple[Any, ...], value: Any, *, is_gone: bool = False) -> Any:
    if not path:
        return value
    thing = copy.copy(thing)
    if is_gone and len(path) == 1:
        del thing[path[0]]
    else:
        thing[path[0]] = _with(thing[path[0]], path[1:], value, is_gone=is_gone)
    return thing


def can_be_written(fact: Fact) -> bool:
    return all(_is_fit(each.name, getattr(fact, each.name)) for each in fields(fact))


def _is_fit(name: str, value: Any) -> bool:
    if value is None:
        return name in ("at", "payment_id")
    if isinstance(value, str):
        return value.isprintable() and len(value) <= (128 if name.endswith("reference") else 255)
    if isinstance(value, Decimal):
        return value.is_finite() and value < 10**12
    if isinstance(value, datetime):
        return value.tzinfo is not None and 1970 <= value.year < 2200
    return 0 <= value < 2**63


def request_of(slug: str, event: Any) -> CallbackRequest:
    body, now = json.dumps(event).encode(), clock.now()
    at = int(now.timestamp())
    headers = {
        "content-type": "application/json", "x-razorpay-event-id": "evt", "x-razorpay-signature": webhook_signature("w", body),
        "stripe-signature": f"t={at},v1={signature('whsec_12345678', body, at)}",
    }  # fmt: skip
    return CallbackRequest("POST", "", body, headers, "198.51.100.7", now)


@pytest.mark.parametrize(
    ("slug", "event"), EVENTS, ids=[f"{slug}-{place}" for place, (slug, _e) in enumerate(EVENTS)]
)
def test_odd_events_say_nothing_that_cannot_be_written(slug, event, monkeypatch):
    # signed by PayPal, as is shown elsewhere
    monkeypatch.setattr(paypal, "read_transmission", lambda *_asked: None)
    monkeypatch.setattr(paypal, "check_here", lambda *_asked: True)
    account = Account(slug, VALUES, "")
    assert WAYS[slug].read(account, request_of(slug, event)).facts

    for odd in changed(event):
        try:
            notice = WAYS[slug].read(account, request_of(slug, odd))
        except SignatureInvalid:
            continue
        assert all(can_be_written(fact) for fact in notice.facts), odd
        assert "\x00" not in notice.event_id + notice.kind


INTENT = Intent(
    payment_id=2, order_id=1, order_number="A-1", amount=Decimal("12.34"), currency="USD", key="order-1", email="", language="en",
    return_url="https://shop.example/", cancel_url="https://shop.example/", expires_at=None,
)  # fmt: skip
TO_REFUND = RefundOrder(
    refund_id=UUID, key=f"refund-{UUID}", payment_id=2, order_id=1, charge_reference="pay_1", reference="order_1",
    amount=Decimal("12.34"), currency="USD", is_full=True,
)  # fmt: skip


def begin(slug: str, account: Account) -> NextStep:
    return WAYS[slug].begin(account, INTENT)


def fetch(slug: str, account: Account) -> list[Fact]:
    return WAYS[slug].fetch(account, reference="order_1", charge_reference="pay_1", payment_id=2)


def refund(slug: str, account: Account) -> RefundAnswer:
    return WAYS[slug].refund(account, TO_REFUND)


def listed(slug: str, account: Account) -> list[Any]:
    return list(WAYS[slug].list_day(account, clock.now().date()))


RAZORPAY_ORDER = {"id": "order_1", "amount": 1234, "currency": "USD", "receipt": "payment-2"}
INTENT_PAID = {"id": "pi_1", "object": "payment_intent", "status": "succeeded", "latest_charge": CHARGE}
NO = {
    "error": {
        "code": "BAD_REQUEST_ERROR",
        "type": "invalid_request_error",
        "message": "no",
        "description": "no",
    }
}
PAYPALS_NO = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "INSTRUMENT_DECLINED"}]}
PAGE = {"object": "list", "has_more": False, "url": "/v1/refunds"}
FOUND = {"total_pages": 1, "transaction_details": [{"transaction_info": {
    "transaction_event_code": "T0006", "transaction_status": "S", "transaction_id": "CAP1", "transaction_amount": MONEY,
    "invoice_id": "order-1-payment-2"}}]}  # fmt: skip

# what is done, and what the provider answers to one question after the other
TALKS: list[tuple[str, Any, list[tuple[int, Any]]]] = [
    ("stripe", begin, [(200, SESSION)]),
    ("stripe", begin, [(400, NO)]),
    ("stripe", fetch, [(200, SESSION), (200, INTENT_PAID), (200, PAGE | {"data": [REFUND]})]),
    ("stripe", refund, [(200, PAGE | {"data": []}), (200, REFUND)]),
    ("stripe", listed, [(200, PAGE | {"data": [CHARGE | {"status": "succeeded", "amount_captured": 1234}]})]),
    ("razorpay", begin, [(200, RAZORPAY_ORDER)]),
    ("razorpay", begin, [(400, NO)]),
    ("razorpay", fetch, [(200, RAZORPAY_ORDER), (200, {"items": [PAYMENT]}), (200, {"items": [RAZORPAY_REFUND]})]),
    ("razorpay", refund, [(200, RAZORPAY_REFUND)]),
    ("razorpay", refund, [(400, NO), (200, {"items": [RAZORPAY_REFUND]})]),
    ("razorpay", listed, [(200, {"items": [PAYMENT]})]),
    ("paypal", begin, [(201, ORDER | {"status": "CREATED"})]),
    ("paypal", fetch, [(200, ORDER)]),
    ("paypal", fetch, [(200, ORDER | {"status": "APPROVED"}), (422, PAYPALS_NO)]),
    ("paypal", refund, [(201, PAYPAL_REFUND)]),
    ("paypal", refund, [(422, PAYPALS_NO)]),
    ("paypal", listed, [(200, FOUND)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("slug", "do", "said"),
    TALKS,
    ids=[f"{slug}-{do.__name__}-{place}" for place, (slug, do, _s) in enumerate(TALKS)],
)
def test_odd_answers_come_to_nothing_that_cannot_be_written(slug, do, said, monkeypatch):
    monkeypatch.setattr(outside, "_may_try", lambda _name: True)
    monkeypatch.setattr(outside, "_note_failure", lambda _name: None)
    monkeypatch.setattr(outside.log, "exception", lambda *_said, **_more: None)
    monkeypatch.setattr(paypal_line.Line, "_token", lambda *_asked, **_how: "token")
    left: list[tuple[int, Any]] = []

    def answer(*_asked, **_how):
        status, thing = left.pop(0) if left else (200, {})
        return outside.Answer(status, {}, json.dumps(thing).encode())

    monkeypatch.setattr(outside, "send", answer)
    account = Account(slug, VALUES, "https://provider.example")
    for place, (status, thing) in enumerate(said):
        for odd in changed(thing, ODD[:8:2]):
            left[:] = [*said[:place], (status, odd), *said[place + 1 :]]
            try:
                with outside.asking(WAYS[slug]):
                    came = do(slug, account)
            except DomainError:
                continue
            assert is_good(came), (came, odd)


def is_good(came: Any) -> bool:
    if isinstance(came, NextStep):
        return (
            bool(came.reference)
            and len(came.reference) <= 128
            and "\\u0000" not in json.dumps([came.url, came.data])
        )
    if isinstance(came, RefundAnswer):
        return len(came.reference) <= 128 and (came.reference + came.reason).isprintable()
    return all(
        can_be_written(each) if isinstance(each, Fact) else len(each.charge_reference) <= 128 for each in came
    )
