"""Stripe: Checkout Sessions and signed events, asked for with Stripe's own library.

Sources: stripe-python 16.1.0 (API version 2026-10-28.endive); docs.stripe.com/checkout/fulfillment and
/api/idempotent_requests. Events are read in `stripe_events`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from karvon.kernel import clock
from karvon.payments.calls import is_address, read_seconds, read_text, read_words
from karvon.payments.errors import (
    AmountMismatch,
    AmountOutOfRange,
    CurrencyNotSupported,
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
from karvon.payments.providers.stripe_events import (
    Thing,
    facts_of_charge,
    facts_of_event,
    facts_of_refund,
    facts_of_session,
    id_of,
    intent_status,
    name_of,
    payment_id_of,
    read_amount,
    read_event,
    split,
    to_units,
    verify,
)

if TYPE_CHECKING:
    from stripe import StripeClient

# a session lives for 30 minutes to a day. All tries of one window ask with the same parameters, as their common key demands
SHORTEST, WINDOW, SKEW = 30 * 60, 10 * 60, 60
# not every language of ours has a page; there Stripe goes by the browser
LOCALES = frozenset({"de", "en", "es", "fr", "it", "ja", "ko", "pl", "pt", "ru", "tr", "zh"})


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
        """A Checkout Session over the order's amount. Raises CurrencyNotSupported, AmountOutOfRange."""
        try:
            to_units(intent.amount, intent.currency)
        except AmountMismatch:
            raise AmountOutOfRange from None
        taken = split(account.values.get("STRIPE_CURRENCIES", ""))
        if taken and intent.currency not in taken:
            raise CurrencyNotSupported
        window = int(clock.now().timestamp()) // WINDOW
        with _client(account) as stripe:
            session = stripe.v1.checkout.sessions.create(
                _session_request(intent, (window + 1) * WINDOW + SHORTEST + SKEW),  # type: ignore[arg-type]
                {"idempotency_key": f"{intent.key}-{window}"},
            )
        made = session.to_dict()
        reference, url, ends = (
            read_text(made.get("id")),
            made.get("url"),
            read_seconds(made.get("expires_at")),
        )
        if not reference or ends is None or not is_address(url):
            raise ProviderUnavailable
        return NextStep("redirect", url=url, reference=reference, expires_at=ends)

    def fetch(
        self, account: Account, *, reference: str, charge_reference: str, payment_id: int
    ) -> list[Fact]:
        """How the session stands, and what went back of its money."""
        with _client(account) as stripe:
            facts: list[Fact] = []
            if reference:
                asked: Any = {"expand": ["payment_intent"]}
                session = stripe.v1.checkout.sessions.retrieve(reference, asked).to_dict()
                facts = facts_of_session(session, intent_status(session))
                charge_reference = charge_reference or id_of(session.get("payment_intent"))
            if not charge_reference:
                return facts
            found = stripe.v1.payment_intents.retrieve(charge_reference, {"expand": ["latest_charge"]})
            charge = found.to_dict().get("latest_charge") or {}
            if charge.get("amount_refunded"):
                made = stripe.v1.refunds.list({"payment_intent": charge_reference, "limit": 100})
                for refund in made.auto_paging_iter():
                    facts += facts_of_refund(refund.to_dict(), None)
                facts += facts_of_charge(charge, None)[1:]
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
                    "amount": to_units(order.amount, order.currency),
                    "reason": "requested_by_customer",
                    "metadata": {"refund_id": order.refund_id, **_names(order.order_id, order.payment_id)},
                },
                {"idempotency_key": order.key},
            )
            return _answer_of(refund.to_dict())

    def close(self, account: Account, reference: str) -> None:
        """Raises ProviderRefused for a session that is not open."""
        with _client(account) as stripe:
            stripe.v1.checkout.sessions.expire(reference, None, {"idempotency_key": f"expire-{reference}"})

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
        event = read_event(request.body)
        if event["livemode"] is not ("_live_" in account["STRIPE_SECRET_KEY"][:8]):
            raise SignatureInvalid
        # of an account that is connected to this one: its money is not ours, whatever it calls our payments
        facts = [] if event.get("account") else facts_of_event(event)
        return Notice(event["id"], event["type"], facts)


# --- talking ---
def _client(account: Account) -> AbstractContextManager[StripeClient]:
    # the library is loaded by who pays with it
    from karvon.payments.providers.stripe_line import connect

    return connect(account)


def _session_request(intent: Intent, expires_at: int) -> dict[str, Any]:
    """One line over everything: rounding is ours, not Stripe's."""
    names = _names(intent.order_id, intent.payment_id)
    with override(intent.language or None):
        title = gettext("Order %(number)s") % {"number": intent.order_number}
    price = {
        "currency": intent.currency.lower(),
        "unit_amount": to_units(intent.amount, intent.currency),
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
    status, reference = refund.get("status"), name_of(refund["id"])
    if status in ("failed", "canceled"):
        return RefundAnswer("failed", reference, read_words(refund.get("failure_reason")) or str(status))
    return RefundAnswer("succeeded" if status == "succeeded" else "processing", reference)


def _line_of(charge: Thing) -> DayLine:
    currency = charge["currency"].upper()
    return DayLine(
        charge_reference=id_of(charge.get("payment_intent")) or name_of(charge["id"]),
        amount=read_amount(charge["amount_captured"], currency),
        currency=currency,
        payment_id=payment_id_of(charge),
    )
