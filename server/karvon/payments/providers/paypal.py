"""PayPal: orders that the payer approves and we capture, signed events, refunds of captures, transaction search.

Source: PayPal's OpenAPI files (Orders 2.13, Payments 2.5, Webhooks 1.11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from karvon.kernel import clock
from karvon.payments.amounts import read_amount, to_text
from karvon.payments.calls import is_address, is_whole, read_text, read_words
from karvon.payments.errors import (
    AmountMismatch,
    AmountOutOfRange,
    ProviderRefused,
    SignatureInvalid,
)
from karvon.payments.outside import asking
from karvon.payments.protocol import (
    Account,
    AwaitsCapture,
    CallbackRequest,
    Capabilities,
    Charged,
    DayLine,
    Disputed,
    Expired,
    Fact,
    Failed,
    Intent,
    NextStep,
    Notice,
    Pending,
    RefundAnswer,
    RefundMade,
    RefundOrder,
    RefundRefused,
    SecretField,
    WebhookProvider,
)
from karvon.payments.providers.paypal_line import Line, Refused
from karvon.payments.providers.paypal_signatures import ask_paypal, check_here, read_transmission

Thing = Mapping[str, Any]
# PayPal names no list by machine; UZS is not among what is known
CURRENCIES = frozenset(
    ("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR", "NOK", "NZD", "PHP",
     "PLN", "SEK", "SGD", "THB", "TWD", "USD")
)  # fmt: skip
WHOLE = frozenset(("HUF", "JPY", "TWD"))  # take no decimals there, whatever ISO 4217 says; not verified
TO_REDIRECT = timedelta(hours=3)  # until the payer has to be on PayPal's page
LOCALES = {"en": "en-US", "ru": "ru-RU", "ar": "ar-EG"}  # Uzbek is none of PayPal's
PAGE = 500
# why a capture failed that the payer can mend on PayPal's page
MENDABLE = frozenset(
    ("INSTRUMENT_DECLINED", "PAYER_ACTION_REQUIRED", "PAYER_CANNOT_PAY", "TRANSACTION_REFUSED")
)
# why nothing is to be said yet
NOT_YET = frozenset(("ORDER_NOT_APPROVED", "ORDER_COMPLETION_IN_PROGRESS"))
RECEIVED = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")
OURS = re.compile(r"order-\d{1,19}-payment-(\d{1,19})")


class PayPal(WebhookProvider):
    """The payer approves on PayPal's page; money is taken by our capture, and paid is what a completed capture says."""

    slug = "paypal"
    name = "PayPal"
    base_url = "https://api-m.paypal.com"
    capabilities = Capabilities(currencies=CURRENCIES, refunds="partial", can_fetch=True, lists_days=True)
    fields = (
        SecretField("PAYPAL_CLIENT_ID", _("Client id"), is_secret=False),
        SecretField("PAYPAL_CLIENT_SECRET", _("Client secret")),
        SecretField("PAYPAL_WEBHOOK_ID", _("Webhook id"), is_secret=False, pattern=r"[A-Za-z0-9_-]{1,64}"),
        SecretField(
            "PAYPAL_WEBHOOK_CHECK",
            _("How events are checked"),
            is_secret=False,
            pattern="(postback|offline)?",
            is_required=False,
            help=_(
                "Empty: by its certificate, and by asking PayPal where that is in doubt. postback asks about each event, offline never."
            ),
        ),
    )

    # --- asking PayPal ---
    def begin(self, account: Account, intent: Intent) -> NextStep:
        """An order at PayPal, once for each `intent.key`, and the page on which the payer approves it."""
        line = Line(account)
        order = line.post("/v2/checkout/orders", _new_order(intent), key=intent.key)
        if order.get("status") not in ("CREATED", "PAYER_ACTION_REQUIRED", "SAVED", "APPROVED"):
            raise ProviderRefused
        reference, link = _name(order, "id"), _link(order, "payer-action") or _link(order, "approve")
        if not reference or not is_address(link):
            raise ProviderRefused
        return NextStep("redirect", url=link, reference=reference, expires_at=clock.now() + TO_REDIRECT)

    def fetch(
        self, account: Account, *, reference: str, charge_reference: str, payment_id: int
    ) -> list[Fact]:
        """How the order stands; an approved one is captured, which PayPal does once however often it is asked."""
        line = Line(account)
        try:
            order = line.get(f"/v2/checkout/orders/{reference}")
        except Refused as error:
            if error.status == 404:
                return [Expired(reference=reference)]  # forgotten: it was never approved
            raise
        if order.get("status") == "APPROVED":
            return self._capture(line, reference)
        return _order_facts(order)

    def _capture(self, line: Line, reference: str) -> list[Fact]:
        try:
            order = line.post(f"/v2/checkout/orders/{reference}/capture", {}, key=f"capture-{reference}")
        except Refused as error:
            issues = frozenset(error.issues)
            if "ORDER_ALREADY_CAPTURED" in issues:
                return _order_facts(line.get(f"/v2/checkout/orders/{reference}"))
            if error.status == 409:
                return []  # somebody of us captures it this moment
            if error.status != 422 or not issues:
                raise
            if issues & NOT_YET:
                return []
            return [Failed(reference=reference, reason=error.why, is_final=not issues & MENDABLE)]
        return _order_facts(order)

    def refund(self, account: Account, order: RefundOrder) -> RefundAnswer:
        line = Line(account)
        if order.refund_reference:
            return _refund_answer(line.get(f"/v2/payments/refunds/{order.refund_reference}"))
        asked = {"amount": _money(order.amount, order.currency), "custom_id": order.refund_id}
        try:
            made = line.post(f"/v2/payments/captures/{order.charge_reference}/refund", asked, key=order.key)
        except Refused as error:
            if error.status == 409:
                return RefundAnswer("processing")  # what we have sent before is still being done
            return RefundAnswer("failed", reason=error.why)
        return _refund_answer(made)

    def list_day(self, account: Account, day: date) -> Iterator[DayLine]:
        """Payments of the transaction search, which lags behind by up to three hours."""
        page, pages = 1, 1
        while page <= pages:
            found = Line(account).get(
                "/v1/reporting/transactions",
                start_date=f"{day}T00:00:00Z",
                end_date=f"{day}T23:59:59Z",
                fields="transaction_info",
                page_size=str(PAGE),
                page=str(page),
            )
            rows = _things(found.get("transaction_details"))
            for each in rows:
                if line := _day_line(each.get("transaction_info") or {}):
                    yield line
            count = found.get("total_pages")
            page, pages = page + 1, count if is_whole(count) and rows else 0

    def check(self, account: Account) -> None:
        """The keys by asking for the webhook, whose id has to be right too."""
        Line(account).get(f"/v1/notifications/webhooks/{account['PAYPAL_WEBHOOK_ID']}")

    # --- what PayPal sends ---
    def read(self, account: Account, request: CallbackRequest) -> Notice:
        """An event. Raises SignatureInvalid, and ProviderUnavailable, after which PayPal sends it again, when there is no getting
        at a certificate that is new here, or no asking PayPal where that is needed.
        """
        if request.content_type != "application/json":
            raise SignatureInvalid
        sent = read_transmission(account, request)
        try:
            event = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise SignatureInvalid from None
        if not isinstance(event, dict) or not _name(event, "id"):
            raise SignatureInvalid
        is_certain = check_here(self, account, sent, request.body, request.received_at)
        how = account.values.get("PAYPAL_WEBHOOK_CHECK")
        if how == "offline" and not is_certain:
            raise SignatureInvalid
        if how == "postback" or not is_certain:
            with asking(self):
                ask_paypal(account, sent, request.body)
        kind = _text(event, "event_type")
        resource = event.get("resource")
        facts = _told(kind, resource) if isinstance(resource, dict) else []
        return Notice(event_id=event["id"], kind=kind, facts=tuple(facts))


# --- writing ---
def _new_order(intent: Intent) -> dict[str, Any]:
    context = {
        "shipping_preference": "NO_SHIPPING",
        "user_action": "PAY_NOW",
        "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
        "return_url": intent.return_url,
        "cancel_url": intent.cancel_url,
    }
    if locale := LOCALES.get(intent.language):
        context["locale"] = locale
    unit = {
        "reference_id": str(intent.payment_id),
        "custom_id": str(intent.order_id),
        "invoice_id": intent.key,
        "description": intent.order_number,
        "amount": _money(intent.amount, intent.currency),
    }
    return {
        "intent": "CAPTURE",
        "purchase_units": [unit],
        "payment_source": {"paypal": {"experience_context": context}},
    }


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    """Raises AmountOutOfRange for a fraction of what PayPal takes whole."""
    if currency in WHOLE:
        if amount != amount.to_integral_value():
            raise AmountOutOfRange
        return {"currency_code": currency, "value": f"{amount:.0f}"}
    return {"currency_code": currency, "value": to_text(amount, currency)}


# --- reading; what is missing or of another kind says nothing ---
def _told(kind: str, resource: Thing) -> list[Fact]:
    """The facts of an event. Only what its resource says counts, so that events may come in any order."""
    if kind == "CHECKOUT.ORDER.APPROVED" and resource.get("status") == "APPROVED":
        return [AwaitsCapture(payment_id=_our_payment(_unit(resource)), reference=_name(resource, "id"))]
    if kind == "CHECKOUT.ORDER.VOIDED":
        return [Expired(reference=_name(resource, "id"))]
    if kind in ("PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED", "PAYMENT.REFUND.FAILED"):
        return _refund_facts(resource)
    if kind.startswith("PAYMENT.CAPTURE."):
        return _capture_facts(resource)
    if kind.startswith("CUSTOMER.DISPUTE."):
        disputed = resource.get("disputed_transactions")
        charges = [_name(each, "seller_transaction_id") for each in _things(disputed)]
        told = (read_words(resource.get(name)) for name in ("dispute_id", "status", "reason"))
        what = " ".join(filter(None, (kind, *told)))
        return [Disputed(charge_reference=each, what=what) for each in charges if each]
    return []


def _order_facts(order: Thing) -> list[Fact]:
    """What an order says by its captures and refunds: that it is completed does not mean that it is paid."""
    if order.get("status") == "VOIDED":
        return [Expired(reference=_name(order, "id"))]
    payments = _unit(order).get("payments")
    if not isinstance(payments, dict):
        return []
    facts = [
        fact
        for each in _things(payments.get("captures"))
        for fact in _capture_facts(each, _name(order, "id"))
    ]
    return facts + [fact for each in _things(payments.get("refunds")) for fact in _refund_facts(each)]


def _capture_facts(capture: Thing, reference: str = "") -> list[Fact]:
    related = capture.get("supplementary_data") or {}
    ids = related.get("related_ids") if isinstance(related, dict) else None
    reference = reference or (_name(ids, "order_id") if isinstance(ids, dict) else "")
    ours, charge, status = _our_payment(capture), _name(capture, "id"), capture.get("status")
    if not charge or not (reference or ours):
        return []
    if status in RECEIVED:
        amount, currency = _read_money(capture)
        return [Charged(ours, reference, charge, _at(capture), amount, currency)]
    if status == "PENDING":
        return [Pending(payment_id=ours, reference=reference)]
    if status in ("DECLINED", "FAILED"):
        # the order is used up: the next try is another one
        details = capture.get("status_details")
        reason = read_words(details.get("reason")) if isinstance(details, dict) else ""
        return [Failed(payment_id=ours, reference=reference, reason=reason or str(status), is_final=True)]
    return []


def _refund_facts(refund: Thing) -> list[Fact]:
    """Of a refund, which names its capture only by a link."""
    charge, reference = read_text(_link(refund, "up").rpartition("/captures/")[2]), _name(refund, "id")
    if not charge or not reference:
        return []
    ours = _uuid(_text(refund, "custom_id"))
    if refund.get("status") in ("FAILED", "CANCELLED"):
        return [
            RefundRefused(
                charge_reference=charge, refund_id=ours, refund_reference=reference, reason="failed"
            )
        ]
    if refund.get("status") != "COMPLETED":
        return []
    amount, currency = _read_money(refund)
    return [
        RefundMade(
            payment_id=_our_payment(refund),
            charge_reference=charge,
            refund_id=ours,
            refund_reference=reference,
            amount=amount,
            currency=currency,
        )
    ]


def _refund_answer(refund: Thing) -> RefundAnswer:
    states = {"COMPLETED": "succeeded", "FAILED": "failed", "CANCELLED": "failed"}
    state: Any = states.get(str(refund.get("status")), "processing")
    return RefundAnswer(state, reference=_name(refund, "id"), reason="failed" if state == "failed" else "")


def _day_line(info: Thing) -> DayLine | None:
    """A payment to us (event codes T00…) that succeeded; refunds and fees are other rows."""
    amount = info.get("transaction_amount")
    is_payment = (
        _text(info, "transaction_event_code").startswith("T00") and info.get("transaction_status") == "S"
    )
    if not is_payment or not isinstance(amount, dict) or _text(amount, "value").startswith("-"):
        return None
    ours = OURS.fullmatch(_text(info, "invoice_id"))
    return DayLine(
        _name(info, "transaction_id"),
        read_amount(_text(amount, "value")),
        _text(amount, "currency_code"),
        int(ours[1]) if ours else None,
    )


def _read_money(thing: Thing) -> tuple[Decimal, str]:
    """Below zero, and so never ours, for what is no amount of a currency."""
    amount = thing.get("amount")
    if isinstance(amount, dict) and re.fullmatch(r"[A-Z]{3}", currency := _text(amount, "currency_code")):
        with suppress(AmountMismatch):
            return read_amount(_text(amount, "value")) or Decimal(-1), currency
    return Decimal(-1), ""


def _our_payment(thing: Thing) -> int | None:
    """Our payment's id out of what we have called it."""
    found = OURS.fullmatch(_text(thing, "invoice_id"))
    return int(found[1]) if found and int(found[1]) < 2**63 else None


def _unit(order: Thing) -> Thing:
    return next(iter(_things(order.get("purchase_units"))), {})


def _things(value: Any) -> list[Thing]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _link(thing: Thing, rel: str) -> str:
    found = (_text(each, "href") for each in _things(thing.get("links")) if each.get("rel") == rel)
    return next(found, "")


def _text(thing: Thing, name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) and len(value) <= 1000 and "\x00" not in value else ""


def _name(thing: Thing, name: str) -> str:
    """What PayPal calls something; "" for what can be no name."""
    value = thing.get(name)
    return read_text(value) if isinstance(value, str) else ""


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""  # of a refund in the dashboard: the capture's own, which is an order's


def _at(thing: Thing) -> datetime | None:
    try:
        at = datetime.fromisoformat(_text(thing, "create_time"))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if 2000 < at.year < 2200 else None
