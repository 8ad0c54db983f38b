"""Stripe's events: whether it has signed them, and what they say. Its amounts.

Sources: docs.stripe.com/webhooks ("Verify manually"), /api/events and /currencies (API version 2026-10-28.endive).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from karvon.kernel.money import exponent_of
from karvon.payments import protocol as told
from karvon.payments.calls import read_seconds, read_text, read_words
from karvon.payments.errors import AmountMismatch, SignatureInvalid
from karvon.payments.protocol import Fact

Thing = Mapping[str, Any]

TOLERANCE = 300  # seconds that a signature may be old, or ahead of our clock
HEADER = re.compile(r"[\x21-\x7e ]{1,4096}", re.ASCII)
# where Stripe counts otherwise than ISO 4217 ("special cases" of /currencies; not in all of its lists) [?]
EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}
LARGEST = 10**14  # smallest units; Stripe takes twelve digits at most
IS_PAID = frozenset({"paid", "no_payment_required"})


# --- amounts ---
def to_units(amount: Decimal, currency: str) -> int:
    """As Stripe counts. Raises AmountMismatch for what it cannot."""
    places = EXPONENTS.get(currency, exponent_of(currency))
    units = amount.scaleb(places)
    is_exact = units == units.to_integral_value()
    # with three places the last is always 0
    if not is_exact or (places == 3 and units % 10):
        raise AmountMismatch
    return int(units)


def read_amount(units: Any, currency: str) -> Decimal:
    """Raises TypeError, ValueError for what is no amount."""
    if type(units) is not int or not re.fullmatch(r"[A-Z]{3}", currency):
        raise TypeError("an amount is a whole number, of a currency")
    if not 0 <= units < LARGEST:
        raise ValueError("nobody pays that")
    return Decimal(units).scaleb(-EXPONENTS.get(currency, exponent_of(currency)))


# --- signatures and events ---
def verify(secrets: str, header: str, body: bytes, *, now: datetime) -> None:
    """Whether one of the secrets (by comma) signed `<t>.<body>` within the tolerance: any `v1` will do, other schemes count for
    nothing. Raises SignatureInvalid.
    """
    if not HEADER.fullmatch(header):
        raise SignatureInvalid
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _sign, value in parts if name == "t"]
    theirs = [value.encode() for name, _sign, value in parts if name == "v1"]
    if len(times) != 1 or not re.fullmatch(r"[1-9][0-9]{0,11}", times[0]):
        raise SignatureInvalid
    signed = times[0].encode() + b"." + body
    ours = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest().encode() for key in split(secrets)]
    if not any(hmac.compare_digest(mine, each) for mine in ours for each in theirs):
        raise SignatureInvalid
    if abs(now.timestamp() - int(times[0])) > TOLERANCE:
        raise SignatureInvalid


def split(text: str) -> list[str]:
    return [part for part in (each.strip() for each in text.split(",")) if part]


def read_event(body: bytes) -> dict[str, Any]:
    """Raises SignatureInvalid for what is no event with its object in it; thin ones have none."""
    try:
        event = orjson.loads(body)
        is_one = (
            event["object"] == "event"
            and isinstance(event["livemode"], bool)
            and all(isinstance(event[name], str) and event[name] for name in ("id", "type"))
            and isinstance(event["data"]["object"], dict)
            and b"\\u0000" not in body  # no name of Stripe's, and no text for a database
        )
    except (orjson.JSONDecodeError, KeyError, TypeError):
        is_one = False
    if not is_one:
        raise SignatureInvalid
    return event  # type: ignore[no-any-return]


def name_of(value: Any) -> str:
    """A name of Stripe's. Raises ValueError for what is none."""
    name = read_text(value) if isinstance(value, str) else ""
    if not name:
        raise ValueError("it has no name")
    return name


def id_of(thing: Any) -> str:
    """Of an object, or of its id alone; "" of nothing. Raises ValueError."""
    found = thing.get("id") if isinstance(thing, dict) else thing
    return "" if found is None or found == "" else name_of(found)


def payment_id_of(thing: Thing) -> int | None:
    text = (thing.get("metadata") or {}).get("payment_id") or ""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else None


# --- what events say; each takes the event's object and its time ---
def say_nothing(_thing: Thing, _at: datetime | None) -> list[Fact]:
    return []


def _facts_of_completed(session: Thing, at: datetime | None) -> list[Fact]:
    return facts_of_session(session, "", at)


def facts_of_session(session: Thing, intent_status: str, at: datetime | None = None) -> list[Fact]:
    """A session says of itself what it can; our id stands for it only where money came in (see `find_payment`)."""
    if session.get("mode") != "payment":
        return []
    reference = name_of(session["id"])
    if session["status"] == "expired":
        return [told.Expired(reference=reference, at=at)]
    if session["status"] != "complete":
        return []
    if session["payment_status"] in IS_PAID:
        currency = session["currency"].upper()
        charged = told.Charged(
            payment_id=payment_id_of(session),
            reference=reference,
            charge_reference=id_of(session.get("payment_intent")) or reference,
            amount=read_amount(session["amount_total"], currency),
            currency=currency,
            at=at,
        )
        return [charged]
    if intent_status in ("requires_payment_method", "canceled"):
        return [told.Failed(reference=reference, at=at, reason=intent_status, is_final=True)]
    return [told.Pending(reference=reference, at=at)]


def intent_status(session: Thing) -> str:
    intent = session.get("payment_intent")
    return read_words(intent.get("status")) if isinstance(intent, dict) else ""


def _facts_of_slow_failure(session: Thing, at: datetime | None) -> list[Fact]:
    return [
        told.Failed(reference=name_of(session["id"]), at=at, reason="async_payment_failed", is_final=True)
    ]


def _facts_of_expired(session: Thing, at: datetime | None) -> list[Fact]:
    return [told.Expired(reference=name_of(session["id"]), at=at)]


def _facts_of_decline(intent: Thing, at: datetime | None) -> list[Fact]:
    """The page stays open: another card may follow."""
    error = intent.get("last_payment_error") or {}
    reason = read_words(error.get("decline_code")) or read_words(error.get("code")) or "declined"
    number = payment_id_of(intent)
    return [told.Failed(payment_id=number, at=at, reason=reason)] if number else []


def facts_of_charge(charge: Thing, at: datetime | None) -> list[Fact]:
    """Money went back. It has come in before, even where that is told later."""
    reference, currency = id_of(charge.get("payment_intent")), charge["currency"].upper()
    if not reference or charge["paid"] is not True:
        return []
    came = told.Charged(
        payment_id=payment_id_of(charge),
        charge_reference=reference,
        amount=read_amount(charge["amount"], currency),
        currency=currency,
        at=at,
    )
    went = told.RefundMade(
        charge_reference=reference,
        amount=read_amount(charge["amount_refunded"], currency),
        currency=currency,
        is_cumulative=True,
        at=at,
    )
    return [came, went]


def facts_of_refund(refund: Thing, at: datetime | None) -> list[Fact]:
    reference, currency = id_of(refund.get("payment_intent")), refund["currency"].upper()
    ours, theirs = read_text((refund.get("metadata") or {}).get("refund_id")), name_of(refund["id"])
    if not reference or refund["status"] not in ("succeeded", "failed", "canceled"):
        return []  # pending, requires_action: nothing is decided
    if refund["status"] == "succeeded":
        amount = read_amount(refund["amount"], currency)
        made = told.RefundMade(
            charge_reference=reference, refund_id=ours, refund_reference=theirs, amount=amount, currency=currency, at=at
        )  # fmt: skip
        return [made]
    reason = read_words(refund.get("failure_reason")) or refund["status"]
    refused = told.RefundRefused(
        charge_reference=reference, refund_id=ours, refund_reference=theirs, reason=reason, at=at
    )
    return [refused]


def _facts_of_dispute(dispute: Thing, at: datetime | None) -> list[Fact]:
    reference = id_of(dispute.get("payment_intent"))
    what = " ".join(read_words(dispute.get(name)) for name in ("id", "status", "reason"))
    return [told.Disputed(charge_reference=reference, what=what, at=at)] if reference else []


FACTS: dict[str, Callable[[Thing, datetime | None], list[Fact]]] = {
    "checkout.session.completed": _facts_of_completed,
    "checkout.session.async_payment_succeeded": _facts_of_completed,
    "checkout.session.async_payment_failed": _facts_of_slow_failure,
    "checkout.session.expired": _facts_of_expired,
    # payment_intent.succeeded says the same as the session's completion, which always comes too
    "payment_intent.payment_failed": _facts_of_decline,
    "charge.refunded": facts_of_charge,
    "refund.created": facts_of_refund,
    "refund.updated": facts_of_refund,
    "refund.failed": facts_of_refund,
    "charge.dispute.created": _facts_of_dispute,
    "charge.dispute.closed": _facts_of_dispute,
}


def facts_of_event(event: Thing) -> list[Fact]:
    """What an event says; nothing where it is none of the above. Raises SignatureInvalid for a shape that Stripe has not."""
    try:
        return FACTS.get(event["type"], say_nothing)(
            event["data"]["object"], read_seconds(event.get("created"))
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise SignatureInvalid from None
