"""Razorpay: orders paid in its Checkout, ids signed for the browser, signed events, captures and refunds.

Source: the official SDK (razorpay-python 2.0.1) and Razorpay's documentation as of 2026-04.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _

from karvon.kernel.money import exponent_of
from karvon.payments.amounts import from_units, to_units
from karvon.payments.calls import is_whole, read_seconds, read_text, read_words
from karvon.payments.errors import AmountMismatch, AmountOutOfRange, ProviderRefused, SignatureInvalid
from karvon.payments.protocol import (
    Account,
    Authorized,
    AwaitsCapture,
    CallbackRequest,
    Capabilities,
    Charged,
    DayLine,
    Disputed,
    Fact,
    Failed,
    Intent,
    NextStep,
    Notice,
    RefundAnswer,
    RefundMade,
    RefundOrder,
    RefundRefused,
    SecretField,
    WebhookProvider,
)

Thing = Mapping[str, Any]
HOME = "https://api.razorpay.com"
SCRIPT = "https://checkout.razorpay.com/v1/checkout.js"
PAGE = 100  # the most that a list gives at once
# a retried event is a day old at most; this is generous, and not written anywhere at Razorpay's
STALE = timedelta(days=4)
# a repeated create gives the same order; told of in newer documentation only, and without it a retry is a second order that
# nobody is sent to
UNIQUE_RECEIPT = "unique_receipt"
CAPTURED = ("captured", "refunded")
CURRENCY = re.compile(r"[A-Z]{3}")
LARGEST = 10**14  # smallest units: beyond what anybody pays


def sign(secret: str, *parts: str) -> str:
    """Razorpay's HMAC-SHA256 of the parts with bars between, in hex: for Checkout order and payment, with the key's secret."""
    return hmac.new(secret.encode(), "|".join(parts).encode(), hashlib.sha256).hexdigest()


def is_signed(secrets: str, body: bytes, signature: str) -> bool:
    """Whether X-Razorpay-Signature is of this body by one of the webhook's secrets (two by comma while it is changed)."""
    given = signature.encode()
    made = [
        hmac.new(each.strip().encode(), body, hashlib.sha256).hexdigest()
        for each in secrets.split(",")
        if each.strip()
    ]
    return any([hmac.compare_digest(each.encode(), given) for each in made])  # noqa: C419 - all of them, always


class Razorpay(WebhookProvider):
    """The customer's client opens Checkout with the order's id; what comes of it is told by events and by asking."""

    slug = "razorpay"
    name = "Razorpay"
    base_url = HOME
    # which other currencies an account takes is between it and Razorpay
    capabilities = Capabilities(
        minimum={"INR": Decimal(1)}, refunds="partial", can_fetch=True, lists_days=True
    )
    fields = (
        SecretField(
            "RAZORPAY_KEY_ID",
            _("Key id"),
            is_secret=False,
            pattern=r"rzp_(live|test)_[A-Za-z0-9]{6,60}",
        ),
        SecretField("RAZORPAY_KEY_SECRET", _("Key secret")),
        SecretField(
            "RAZORPAY_WEBHOOK_SECRET",
            _("Webhook secret"),
            help=_("Two separated by a comma while it is changed."),
        ),
    )

    # --- asking Razorpay ---
    def begin(self, account: Account, intent: Intent) -> NextStep:
        """An order at Razorpay, found again by its receipt, and what Checkout needs to open it."""
        units, receipt = _units_to_take(intent), f"payment-{intent.payment_id}"
        notes = {"payment_id": str(intent.payment_id), "order_id": str(intent.order_id)}
        asked = {"amount": units, "currency": intent.currency, "receipt": receipt, "notes": notes}
        order = self._connect(account).order.create(asked | {UNIQUE_RECEIPT: True})
        made = (order.get("amount"), order.get("currency"), order.get("receipt"))
        if made != (units, intent.currency, receipt) or not _text(order, "id"):
            raise ProviderRefused
        data = {
            "key_id": account["RAZORPAY_KEY_ID"],
            "razorpay_order_id": order["id"],
            "amount": units,
            "currency": intent.currency,
            "order_id": intent.order_id,
            "description": intent.order_number,
            "prefill": {"email": intent.email},
            "script": SCRIPT if account.base_url == HOME else f"{account.base_url}/v1/checkout.js",
            # without a script: a form with these fields posted there
            "hosted_url": f"{account.base_url}/v1/checkout/embedded",
            "callback_url": intent.return_url,
            "cancel_url": intent.cancel_url,
        }
        return NextStep("widget", data=data, reference=order["id"])

    def fetch(
        self, account: Account, *, reference: str, charge_reference: str, payment_id: int
    ) -> list[Fact]:
        """The payments of the order; one that waits to be captured is, unless the order has its money."""
        line = self._connect(account)
        order = line.order.fetch(reference)
        payments = list(line.order.payments(reference).get("items") or [])
        if charge_reference and all(each.get("id") != charge_reference for each in payments):
            payments.append(line.payment.fetch(charge_reference))
        payments = [each for each in payments if each.get("order_id") == reference]
        payments.sort(key=lambda each: (each.get("created_at") or 0, str(each.get("id"))))
        if not any(each.get("status") in CAPTURED for each in payments):
            payments = self._capture_one(line, order, payments)
        return [fact for each in payments for fact in (*_facts(each), *_refunds(line, each))]

    def _capture_one(self, line: Any, order: Thing, payments: list[Thing]) -> list[Thing]:
        """Take what is held first of what the order asks for; Razorpay gives back what stays held."""
        from karvon.payments.providers.razorpay_line import Refused

        asked = ("authorized", order.get("amount"), order.get("currency"))
        for place, each in enumerate(payments):
            if (each.get("status"), each.get("amount"), each.get("currency")) != asked:
                continue
            try:
                taken = line.payment.capture(each["id"], each["amount"], {"currency": each["currency"]})
            except Refused:
                # somebody was quicker, or it is too late: the payment itself tells
                taken = line.payment.fetch(each["id"])
            return [*payments[:place], taken, *payments[place + 1 :]]
        return payments

    def refund(self, account: Account, order: RefundOrder) -> RefundAnswer:
        """By the key of the refund; one that Razorpay has made already is found by our name in its notes."""
        from karvon.payments.providers.razorpay_line import Refused

        line = self._connect(account)
        if order.refund_reference:
            return _refund_answer(line.refund.fetch(order.refund_reference))
        asked = {
            "amount": to_units(order.amount, order.currency),
            "speed": "normal",
            "notes": {"refund_id": order.refund_id, "payment_id": str(order.payment_id)},
        }
        try:
            made = line.payment.refund(
                order.charge_reference, asked, headers={"X-Refund-Idempotency": order.key}
            )
        except Refused as error:
            if error.status == 409:
                return RefundAnswer("processing")
            known = (
                line.payment.fetch_multiple_refund(order.charge_reference, {"count": PAGE}).get("items") or []
            )
            made = next((each for each in known if _noted(each, "refund_id") == order.refund_id), None)
            if made is None:
                return RefundAnswer("failed", reason=error.why)
        return _refund_answer(made)

    def list_day(self, account: Account, day: date) -> Iterator[DayLine]:
        """What was captured of the day's payments. A payment is of the day on which it was made."""
        line = self._connect(account)
        start = int(datetime.combine(day, time.min, UTC).timestamp())
        skip = 0
        while True:
            asked = {"from": start, "to": start + 86_399, "count": PAGE, "skip": skip}
            items = line.payment.all(asked).get("items") or []
            for each in items:
                if each.get("status") in CAPTURED and each.get("order_id"):
                    yield _day_line(each)
            if len(items) < PAGE:
                return
            skip += PAGE

    def check(self, account: Account) -> None:
        self._connect(account).order.all({"count": 1})

    def _connect(self, account: Account) -> Any:
        # the SDK is loaded by who pays with it
        from karvon.payments.providers.razorpay_line import connect

        return connect(account)

    # --- what Razorpay signs ---
    def verify_return(
        self, account: Account, *, reference: str, charge_reference: str, signature: str
    ) -> None:
        """`razorpay_signature` over the order that we have stored and the payment that the browser names."""
        ours = sign(account["RAZORPAY_KEY_SECRET"], reference, charge_reference)
        if not hmac.compare_digest(ours.encode(), signature.encode()):
            raise SignatureInvalid(details={"razorpay_signature": [SignatureInvalid.message]})

    def read(self, account: Account, request: CallbackRequest) -> Notice:
        """An event: JSON, signed as a whole in X-Razorpay-Signature, named by x-razorpay-event-id."""
        signature = request.headers.get("x-razorpay-signature", "")
        if request.content_type != "application/json":
            raise SignatureInvalid
        if not is_signed(account["RAZORPAY_WEBHOOK_SECRET"], request.body, signature):
            raise SignatureInvalid
        try:
            event = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise SignatureInvalid from None
        if not isinstance(event, dict):
            raise SignatureInvalid
        made_at = _at(event)
        if made_at is not None and made_at < request.received_at - STALE:
            raise SignatureInvalid
        named = read_text(request.headers.get("x-razorpay-event-id", ""))
        return Notice(
            event_id=named or f"sha256:{hashlib.sha256(request.body).hexdigest()}",
            kind=_text(event, "event"),
            facts=tuple(_told(event)),
        )


# --- reading Razorpay's objects; what is missing or of another kind says nothing ---
def _told(event: Thing) -> Iterable[Fact]:
    """The facts of an event. Only what its objects say counts, so that events may come in any order."""
    kind = _text(event, "event")
    payment, refund = _entity(event, "payment"), _entity(event, "refund")
    if kind.startswith("payment.dispute."):
        return [
            Disputed(reference=_text(payment, "order_id"), charge_reference=_text(payment, "id"), what=kind)
        ]
    if kind.startswith("refund."):
        # its charge first: it may not have been heard of yet
        return [*_facts(payment), *_refund_facts(refund)]
    if kind == "payment.authorized":
        facts = _facts(payment)
        waits = [AwaitsCapture(reference=each.reference) for each in facts if isinstance(each, Authorized)]
        return [*facts, *waits]
    if kind in ("payment.captured", "payment.failed", "order.paid"):
        order = _entity(event, "order")
        if order and _text(order, "id") != _text(payment, "order_id"):
            raise SignatureInvalid
        return _facts(payment)
    return []


def _facts(payment: Thing) -> list[Fact]:
    """What a payment object says; nothing for one without an order, which nobody of ours has begun."""
    reference, charge = _text(payment, "order_id"), _text(payment, "id")
    if not reference or not charge:
        return []
    status = payment.get("status")
    if status in CAPTURED:
        return [Charged(None, reference, charge, _at(payment), _amount(payment), _currency(payment))]
    if status == "authorized":
        return [Authorized(None, reference, "", None, _amount(payment), _currency(payment))]
    if status == "failed":
        reason = read_words(payment.get("error_reason")) or read_words(payment.get("error_code")) or "failed"
        return [Failed(reference=reference, reason=reason)]
    return []


def _refund_facts(refund: Thing) -> list[Fact]:
    charge, reference = _text(refund, "payment_id"), _text(refund, "id")
    if not charge or not reference:
        return []
    ours = _noted(refund, "refund_id")
    if refund.get("status") == "processed":
        currency = _currency(refund)
        return [
            RefundMade(
                charge_reference=charge, refund_id=ours, refund_reference=reference, amount=_amount(refund), currency=currency
            )
        ]  # fmt: skip
    if refund.get("status") == "failed":
        return [
            RefundRefused(
                charge_reference=charge, refund_id=ours, refund_reference=reference, reason="failed"
            )
        ]
    return []


def _refunds(line: Any, payment: Thing) -> Iterator[Fact]:
    """The refunds of a payment that has any."""
    if payment.get("amount_refunded"):
        for each in line.payment.fetch_multiple_refund(payment["id"], {"count": PAGE}).get("items") or []:
            yield from _refund_facts(each)


def _refund_answer(refund: Thing) -> RefundAnswer:
    states = {"processed": "succeeded", "failed": "failed"}
    state: Any = states.get(str(refund.get("status")), "processing")
    return RefundAnswer(state, reference=_text(refund, "id"), reason="failed" if state == "failed" else "")


def _units_to_take(intent: Intent) -> int:
    """Raises AmountOutOfRange: of three decimals Razorpay takes a last one that is 0 (by its pages on currencies)."""
    try:
        units = to_units(intent.amount, intent.currency)
    except AmountMismatch:
        raise AmountOutOfRange from None
    if exponent_of(intent.currency) == 3 and units % 10:
        raise AmountOutOfRange
    return units


def _entity(event: Thing, name: str) -> Thing:
    payload = event.get("payload")
    part = payload.get(name) if isinstance(payload, dict) else None
    entity = part.get("entity") if isinstance(part, dict) else None
    return entity if isinstance(entity, dict) else {}


def _text(thing: Thing, name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) and len(value) <= 128 and "\x00" not in value else ""


def _noted(thing: Thing, name: str) -> str:
    notes = thing.get("notes")
    return _text(notes, name) if isinstance(notes, dict) else ""  # an empty one is a list


def _currency(thing: Thing) -> str:
    value = thing.get("currency")
    return value if isinstance(value, str) and CURRENCY.fullmatch(value) else ""


def _amount(thing: Thing) -> Decimal:
    """Below zero, and so never ours, for what is no whole number of the smallest unit, or of no currency."""
    units, currency = thing.get("amount"), _currency(thing)
    if not is_whole(units) or not 0 < units < LARGEST or not currency:
        return Decimal(-1)
    return from_units(units, currency)


def _day_line(payment: Thing) -> DayLine:
    """Raises ValueError for what cannot be one."""
    charge, amount = _text(payment, "id"), _amount(payment)
    if not charge or amount < 0:
        raise ValueError("a payment has a name and an amount")
    return DayLine(charge, amount, _currency(payment))


def _at(thing: Thing) -> datetime | None:
    return read_seconds(thing.get("created_at"))
