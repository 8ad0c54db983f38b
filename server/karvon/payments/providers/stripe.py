"""Stripe: Checkout Sessions and signed events, asked for with Stripe's own library.

Sources: stripe-python 16.1.0 (API version 2026-10-28.endive); docs.stripe.com/checkout/fulfillment, /webhooks ("Verify
manually"), /api/idempotent_requests and /currencies.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from karvon.kernel import clock
from karvon.kernel.money import exponent_of
from karvon.payments import outside
from karvon.payments import protocol as told
from karvon.payments.errors import (
    AmountMismatch,
    CurrencyNotSupported,
    ProviderRefused,
    ProviderUnavailable,
    SignatureInvalid,
)
from karvon.payments.protocol import (
    Account,
    CallbackRequest,
    Capabilities,
    DayLine,
    Fact,
    Intent,
    NextStep,
    Notice,
    RefundAnswer,
    RefundOrder,
    SecretField,
    WebhookProvider,
)

if TYPE_CHECKING:
    from stripe import RequestsClient, StripeClient

Thing = Mapping[str, Any]

TOLERANCE = 300  # seconds that a signature may be old, or ahead of our clock
HEADER = re.compile(r"[\x21-\x7e ]{1,4096}", re.ASCII)
# a session lives for 30 minutes to a day. All tries of one window ask with the same parameters, as their common key demands
SHORTEST, WINDOW, SKEW = 30 * 60, 10 * 60, 60
# not every language of ours has a page; there Stripe goes by the browser
LOCALES = frozenset({"de", "en", "es", "fr", "it", "ja", "ko", "pl", "pt", "ru", "tr", "zh"})
# where Stripe counts otherwise than ISO 4217 ("special cases" of /currencies; not in all of its lists) [?]
EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}
IS_PAID = frozenset({"paid", "no_payment_required"})


class Stripe(WebhookProvider):
    """The customer pays on Stripe's page; money is what Stripe's signed events, or Stripe itself when asked, say."""

    slug = "stripe"
    name = "Stripe"
    base_url = "https://api.stripe.com"
    # which currencies a contract takes only Stripe knows (UZS: not verified): it refuses the others, or STRIPE_CURRENCIES do
    capabilities = Capabilities(
        refunds="partial", can_fetch=True, lists_days=True, usual_time=timedelta(minutes=15)
    )
    fields = (
        SecretField(
            "STRIPE_SECRET_KEY", _("Secret key"), pattern=r"(sk|rk)_(live|test)_[A-Za-z0-9_]{8,240}",
            help=_("sk_live_… or sk_test_…"),
        ),
        SecretField(
            "STRIPE_WEBHOOK_SECRET", _("Signing secret of the webhook"),
            pattern=r"whsec_[A-Za-z0-9_+/=-]{8,100}(, ?whsec_[A-Za-z0-9_+/=-]{8,100})?",
            help=_("whsec_…; two by comma while it is changed"),
        ),
        SecretField(
            "STRIPE_CURRENCIES", _("Currencies"), is_secret=False, is_required=False, pattern=r"[A-Z]{3}(, ?[A-Z]{3})*",
            help=_("by comma; empty: all that Stripe takes"),
        ),
    )  # fmt: skip

    # --- asking ---
    def begin(self, account: Account, intent: Intent) -> NextStep:
        """A Checkout Session over the order's amount. Raises CurrencyNotSupported."""
        taken = _split(account.values.get("STRIPE_CURRENCIES", ""))
        if taken and intent.currency not in taken:
            raise CurrencyNotSupported
        window = int(clock.now().timestamp()) // WINDOW
        with _client(account) as stripe:
            session = stripe.v1.checkout.sessions.create(
                _session_request(intent, (window + 1) * WINDOW + SHORTEST + SKEW),  # type: ignore[arg-type]
                {"idempotency_key": f"{intent.key}-{window}"},
            )
        return NextStep(
            "redirect",
            url=session.url or "",
            reference=session.id,
            expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        )

    def fetch(
        self, account: Account, *, reference: str, charge_reference: str, payment_id: int
    ) -> list[Fact]:
        """How the session stands, and what went back of its money."""
        with _client(account) as stripe:
            facts: list[Fact] = []
            if reference:
                asked: Any = {"expand": ["payment_intent"]}
                session = stripe.v1.checkout.sessions.retrieve(reference, asked).to_dict()
                facts = _facts_of_session(session, _intent_status(session))
                charge_reference = charge_reference or _id_of(session.get("payment_intent"))
            if not charge_reference:
                return facts
            found = stripe.v1.payment_intents.retrieve(charge_reference, {"expand": ["latest_charge"]})
            charge = found.to_dict().get("latest_charge") or {}
            if charge.get("amount_refunded"):
                made = stripe.v1.refunds.list({"payment_intent": charge_reference, "limit": 100})
                for refund in made.auto_paging_iter():
                    facts += _facts_of_refund(refund.to_dict(), None)
                facts += _facts_of_charge(charge, None)[1:]
        return facts

    def refund(self, account: Account, order: RefundOrder) -> RefundAnswer:
        """Stripe forgets keys after a day: a refund that was sent before is looked for, and never made twice."""
        with _client(account) as stripe:
            made = stripe.v1.refunds.list({"payment_intent": order.charge_reference, "limit": 100})
            for refund in made.auto_paging_iter():
                found = refund.to_dict()
                if (found.get("metadata") or {}).get("refund_id") == order.refund_id:
                    return _answer_of(found)
            refund = stripe.v1.refunds.create(
                {
                    "payment_intent": order.charge_reference,
                    "amount": _units(order.amount, order.currency),
                    "reason": "requested_by_customer",
                    "metadata": {"refund_id": order.refund_id, **_names(order.order_id, order.payment_id)},
                },
                {"idempotency_key": order.key},
            )
            return _answer_of(refund.to_dict())

    def close(self, account: Account, reference: str) -> None:
        """Raises ProviderRefused for a session that is not open."""
        with _client(account) as stripe:
            stripe.v1.checkout.sessions.expire(reference)

    def list_day(self, account: Account, day: date) -> Iterable[DayLine]:
        first = int(datetime.combine(day, time(), UTC).timestamp())
        lines = []
        with _client(account) as stripe:
            page = stripe.v1.charges.list({"created": {"gte": first, "lt": first + 86400}, "limit": 100})
            for charge in page.auto_paging_iter():
                if charge.paid and charge.status == "succeeded":
                    lines.append(_line_of(charge.to_dict()))
        return lines

    def check(self, account: Account) -> None:
        """Its balance, of which nothing is kept."""
        with _client(account) as stripe:
            stripe.v1.balance.retrieve()

    # --- being told ---
    def read(self, account: Account, request: CallbackRequest) -> Notice:
        if request.content_type != "application/json":
            raise SignatureInvalid
        verify(
            account["STRIPE_WEBHOOK_SECRET"],
            request.headers.get("stripe-signature", ""),
            request.body,
            now=request.received_at,
        )
        event = _read_event(request.body)
        if event["livemode"] is not ("_live_" in account["STRIPE_SECRET_KEY"][:8]):
            raise SignatureInvalid
        try:
            facts = FACTS.get(event["type"], _nothing)(event["data"]["object"], _moment(event.get("created")))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            raise SignatureInvalid from None  # Stripe signs nothing of this shape
        return Notice(event["id"], event["type"], facts)


# --- talking ---
@lru_cache(maxsize=4)
def _transport(seconds: float) -> RequestsClient:
    """Connections are kept per thread. Reaching Stripe and waiting for its answer take `seconds` together."""
    from stripe import RequestsClient  # here: 35 MB that only those who ask Stripe pay

    return RequestsClient(timeout=(seconds * 0.3, seconds * 0.7))


@contextmanager
def _client(account: Account) -> Iterator[StripeClient]:
    """Stripe's client; what it raises becomes ProviderUnavailable, or ProviderRefused with Stripe's words."""
    import stripe  # here, as above

    client = stripe.StripeClient(
        account["STRIPE_SECRET_KEY"],
        base_addresses={"api": account.base_url},
        # who asks again is this room, with the same key
        max_network_retries=0,
        http_client=_transport(outside.TIMEOUT),
    )
    try:
        yield client
    except stripe.StripeError as error:
        status = error.http_status or 0
        is_no = 400 <= status < 500 and status not in (409, 429)
        if isinstance(error, stripe.APIConnectionError) or not is_no:
            raise ProviderUnavailable from error
        said = " ".join(filter(None, (error.code, error.user_message)))
        raise ProviderRefused(details={"stripe": [said[:200]]}) from error


def _session_request(intent: Intent, expires_at: int) -> dict[str, Any]:
    """One line over everything: rounding is ours, not Stripe's."""
    names = _names(intent.order_id, intent.payment_id)
    with override(intent.language or None):
        title = gettext("Order %(number)s") % {"number": intent.order_number}
    price = {
        "currency": intent.currency.lower(),
        "unit_amount": _units(intent.amount, intent.currency),
        "product_data": {"name": title},
    }
    asked = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": str(intent.order_id),
        "metadata": names,
        # Stripe does not copy the session's to the money
        "payment_intent_data": {"metadata": names},
        "success_url": intent.return_url,
        "cancel_url": intent.cancel_url,
        "expires_at": expires_at,
        "locale": intent.language if intent.language in LOCALES else "auto",
    }
    return asked | ({"customer_email": intent.email} if intent.email else {})


def _names(order_id: int, payment_id: int) -> dict[str, str]:
    return {"order_id": str(order_id), "payment_id": str(payment_id)}


def _answer_of(refund: Thing) -> RefundAnswer:
    status, reference = refund.get("status"), str(refund["id"])
    if status in ("failed", "canceled"):
        return RefundAnswer("failed", reference, str(refund.get("failure_reason") or status))
    return RefundAnswer("succeeded" if status == "succeeded" else "processing", reference)


def _line_of(charge: Thing) -> DayLine:
    currency = charge["currency"].upper()
    return DayLine(
        charge_reference=_id_of(charge.get("payment_intent")) or charge["id"],
        amount=_amount(charge["amount_captured"], currency),
        currency=currency,
        payment_id=_payment_id(charge),
    )


# --- amounts ---
def _units(amount: Decimal, currency: str) -> int:
    """As Stripe counts. Raises AmountMismatch for what it cannot."""
    places = EXPONENTS.get(currency, exponent_of(currency))
    units = amount.scaleb(places)
    is_exact = units == units.to_integral_value()
    # with three places the last is always 0
    if not is_exact or (places == 3 and units % 10):
        raise AmountMismatch
    return int(units)


def _amount(units: Any, currency: str) -> Decimal:
    if type(units) is not int:
        raise TypeError("an amount is a whole number")
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
    ours = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest().encode() for key in _split(secrets)]
    if not any(hmac.compare_digest(mine, each) for mine in ours for each in theirs):
        raise SignatureInvalid
    if abs(now.timestamp() - int(times[0])) > TOLERANCE:
        raise SignatureInvalid


def _split(text: str) -> list[str]:
    return [part for part in (each.strip() for each in text.split(",")) if part]


def _read_event(body: bytes) -> dict[str, Any]:
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


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if type(seconds) is int else None


def _id_of(thing: Any) -> str:
    """Of an object, or of its id alone."""
    return str(thing.get("id") or "") if isinstance(thing, dict) else str(thing or "")


def _payment_id(thing: Thing) -> int | None:
    text = (thing.get("metadata") or {}).get("payment_id") or ""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


# --- what events say; each takes the event's object and its time ---
def _nothing(_thing: Thing, _at: datetime | None) -> list[Fact]:
    return []


def _facts_of_completed(session: Thing, at: datetime | None) -> list[Fact]:
    return _facts_of_session(session, "", at)


def _facts_of_session(session: Thing, intent_status: str, at: datetime | None = None) -> list[Fact]:
    """A session says of itself what it can; our id stands for it only where money came in (see `find_payment`)."""
    if session.get("mode") != "payment":
        return []
    reference = session["id"]
    if session["status"] == "expired":
        return [told.Expired(reference=reference, at=at)]
    if session["status"] != "complete":
        return []
    if session["payment_status"] in IS_PAID:
        currency = session["currency"].upper()
        charged = told.Charged(
            payment_id=_payment_id(session),
            reference=reference,
            charge_reference=_id_of(session.get("payment_intent")) or reference,
            amount=_amount(session["amount_total"], currency),
            currency=currency,
            at=at,
        )
        return [charged]
    if intent_status in ("requires_payment_method", "canceled"):
        return [told.Failed(reference=reference, at=at, reason=intent_status, is_final=True)]
    return [told.Pending(reference=reference, at=at)]


def _intent_status(session: Thing) -> str:
    intent = session.get("payment_intent")
    return str(intent.get("status") or "") if isinstance(intent, dict) else ""


def _facts_of_slow_failure(session: Thing, at: datetime | None) -> list[Fact]:
    return [told.Failed(reference=session["id"], at=at, reason="async_payment_failed", is_final=True)]


def _facts_of_expired(session: Thing, at: datetime | None) -> list[Fact]:
    return [told.Expired(reference=session["id"], at=at)]


def _facts_of_decline(intent: Thing, at: datetime | None) -> list[Fact]:
    """The page stays open: another card may follow."""
    error = intent.get("last_payment_error") or {}
    reason = error.get("decline_code") or error.get("code") or "declined"
    number = _payment_id(intent)
    return [told.Failed(payment_id=number, at=at, reason=str(reason))] if number else []


def _facts_of_charge(charge: Thing, at: datetime | None) -> list[Fact]:
    """Money went back. It has come in before, even where that is told later."""
    reference, currency = _id_of(charge.get("payment_intent")), charge["currency"].upper()
    if not reference or not charge["paid"]:
        return []
    came = told.Charged(
        payment_id=_payment_id(charge),
        charge_reference=reference,
        amount=_amount(charge["amount"], currency),
        currency=currency,
        at=at,
    )
    went = told.RefundMade(
        charge_reference=reference,
        amount=_amount(charge["amount_refunded"], currency),
        currency=currency,
        is_cumulative=True,
        at=at,
    )
    return [came, went]


def _facts_of_refund(refund: Thing, at: datetime | None) -> list[Fact]:
    reference, currency = _id_of(refund.get("payment_intent")), refund["currency"].upper()
    ours, theirs = str((refund.get("metadata") or {}).get("refund_id") or ""), str(refund["id"])
    if not reference or refund["status"] not in ("succeeded", "failed", "canceled"):
        return []  # pending, requires_action: nothing is decided
    if refund["status"] == "succeeded":
        amount = _amount(refund["amount"], currency)
        made = told.RefundMade(
            charge_reference=reference, refund_id=ours, refund_reference=theirs, amount=amount, currency=currency, at=at
        )  # fmt: skip
        return [made]
    reason = str(refund.get("failure_reason") or refund["status"])
    refused = told.RefundRefused(
        charge_reference=reference, refund_id=ours, refund_reference=theirs, reason=reason, at=at
    )
    return [refused]


def _facts_of_dispute(dispute: Thing, at: datetime | None) -> list[Fact]:
    reference = _id_of(dispute.get("payment_intent"))
    what = f"{dispute['status']}: {dispute.get('reason') or ''} {dispute['id']}"
    return [told.Disputed(charge_reference=reference, what=what, at=at)] if reference else []


FACTS: dict[str, Callable[[Thing, datetime | None], list[Fact]]] = {
    "checkout.session.completed": _facts_of_completed,
    "checkout.session.async_payment_succeeded": _facts_of_completed,
    "checkout.session.async_payment_failed": _facts_of_slow_failure,
    "checkout.session.expired": _facts_of_expired,
    # payment_intent.succeeded says the same as the session's completion, which always comes too
    "payment_intent.payment_failed": _facts_of_decline,
    "charge.refunded": _facts_of_charge,
    "refund.created": _facts_of_refund,
    "refund.updated": _facts_of_refund,
    "refund.failed": _facts_of_refund,
    "charge.dispute.created": _facts_of_dispute,
    "charge.dispute.closed": _facts_of_dispute,
}
