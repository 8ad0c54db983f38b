"""The shapes of PayPal's objects, and what it refuses in a request."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from karvon.simulators.core import Refusal, Response, new_id

Thing = dict[str, Any]
UPPER = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# UZS is not among them, as far as is known
CURRENCIES = frozenset(
    (
        "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR", "NOK", "NZD",
        "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
    )
)  # fmt: skip
WHOLE = frozenset(("HUF", "JPY", "TWD"))  # take no decimals: not verified
APPROVABLE = ("CREATED", "SAVED", "PAYER_ACTION_REQUIRED")
VERIFY_FIELDS = frozenset(
    (
        "auth_algo",
        "cert_url",
        "transmission_id",
        "transmission_sig",
        "transmission_time",
        "webhook_id",
        "webhook_event",
    )
)
BREAKDOWN = {
    "item_total": 1,
    "tax_total": 1,
    "shipping": 1,
    "handling": 1,
    "insurance": 1,
    "shipping_discount": -1,
    "discount": -1,
}


def refused(status: int, name: str, text: str, issue: str = "", links: list[Thing] | None = None) -> Refusal:
    details = [{"issue": issue, "description": text}] if issue else []
    error = {
        "name": name,
        "message": text,
        "debug_id": new_id(length=13),
        "details": details,
        "links": links or [],
    }
    return Refusal(Response.of(error, status))


def unprocessable(issue: str, description: str, links: list[Thing] | None = None) -> Refusal:
    return refused(422, "UNPROCESSABLE_ENTITY", description, issue, links)


def rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Raises Refusal for what is no time."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise refused(400, "INVALID_REQUEST", f"{text!r} is no Internet date and time.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def exponent(currency: str) -> int:
    return 0 if currency in WHOLE else 2


def minor(amount: Thing) -> int:
    """The smallest unit of `{"value": "12.34", "currency_code": "USD"}`."""
    return int(Decimal(amount["value"]).scaleb(exponent(amount["currency_code"])))


def money(amount: int, currency: str) -> Thing:
    places = exponent(currency)
    return {"currency_code": currency, "value": f"{Decimal(amount).scaleb(-places):.{places}f}"}


def read_money(value: Any, where: str) -> Thing:
    """Raises Refusal for what is no amount of money."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), str):
        raise refused(400, "INVALID_REQUEST", f"{where} is no money.", "MISSING_REQUIRED_PARAMETER")
    currency = value.get("currency_code")
    if currency not in CURRENCIES:
        raise unprocessable("CURRENCY_NOT_SUPPORTED", f"Currency code {currency} is not supported.")
    places = exponent(currency)
    if not re.fullmatch(r"\d{1,12}" + (rf"(\.\d{{1,{places}}})?" if places else ""), value["value"]):
        raise unprocessable("DECIMAL_PRECISION", f"{where} has a wrong number of decimals.")
    return money(minor({"value": value["value"], "currency_code": currency}), currency)


def order_id() -> str:
    return new_id(length=17, alphabet=UPPER)


def order_links(reference: str, base: str, rel: str = "payer-action") -> list[Thing]:
    self_link = f"{base}/v2/checkout/orders/{reference}"
    return [
        {"href": self_link, "rel": "self", "method": "GET"},
        {"href": f"{base}/checkoutnow?token={reference}", "rel": rel, "method": "GET"},
        {"href": f"{self_link}/capture", "rel": "capture", "method": "POST"},
    ]


def new_order(asked: Thing, now: int, base: str) -> tuple[Thing, dict[str, str]]:
    """An order and its experience context. Raises Refusal."""
    if asked.get("intent") not in ("CAPTURE", "AUTHORIZE"):
        raise refused(400, "INVALID_REQUEST", "intent is CAPTURE or AUTHORIZE.", "INVALID_PARAMETER_VALUE")
    units = asked.get("purchase_units")
    if not isinstance(units, list) or not 1 <= len(units) <= 10:
        raise refused(
            400, "INVALID_REQUEST", "purchase_units has 1 to 10 of them.", "INVALID_ARRAY_MAX_ITEMS"
        )
    source = (asked.get("payment_source") or {}).get("paypal") or {}
    context = source.get("experience_context") or asked.get("application_context") or {}
    reference = order_id()
    order = {
        "id": reference, "intent": asked["intent"], "status": "PAYER_ACTION_REQUIRED" if source else "CREATED",
        "purchase_units": [_unit(each) for each in units], "create_time": rfc3339(now),
        "links": order_links(reference, base, "payer-action" if source else "approve"),
    }  # fmt: skip
    if source:
        order["payment_source"] = {"paypal": {}}
    return order, {name: str(value) for name, value in context.items()}


def _unit(asked: Any) -> Thing:
    if not isinstance(asked, dict):
        raise refused(400, "INVALID_REQUEST", "A purchase unit is an object.", "INVALID_PARAMETER_SYNTAX")
    for name, longest in (
        ("reference_id", 256),
        ("custom_id", 127),
        ("invoice_id", 127),
        ("description", 127),
    ):
        if len(str(asked.get(name, ""))) > longest:
            raise refused(
                400, "INVALID_REQUEST", f"{name} is at most {longest} long.", "INVALID_STRING_LENGTH"
            )
    amount = read_money(asked.get("amount"), "amount")
    if minor(amount) <= 0:
        raise unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", "Must be greater than zero.")
    breakdown = asked["amount"].get("breakdown")
    if breakdown:
        parts = sum(
            BREAKDOWN[name] * minor(read_money(each, name))
            for name, each in breakdown.items()
            if name in BREAKDOWN
        )
        if parts != minor(amount):
            raise unprocessable("AMOUNT_MISMATCH", "Should equal the sum of its breakdown.")
        amount["breakdown"] = breakdown
    kept = {
        name: asked[name]
        for name in ("custom_id", "invoice_id", "description", "items", "shipping")
        if name in asked
    }
    return {"reference_id": asked.get("reference_id", "default"), "amount": amount, **kept}


def patch(order: Thing, operations: list[Thing]) -> None:
    """The amount of a purchase unit may be replaced before capture."""
    for each in operations:
        if each.get("op") != "replace" or not str(each.get("path", "")).endswith("/amount"):
            raise unprocessable("PATCH_PATH_REQUIRED", "Only the amount can be replaced here.")
        order["purchase_units"][0]["amount"] = read_money(each.get("value"), "amount")


def refuse_capture(order: Thing) -> None:
    """Raises Refusal unless the order can be captured now."""
    if order["status"] == "COMPLETED":
        raise unprocessable("ORDER_ALREADY_CAPTURED", "Order already captured.")
    if order["status"] != "APPROVED":
        raise unprocessable("ORDER_NOT_APPROVED", "Payer has not yet approved the Order for payment.")
    if order["intent"] != "CAPTURE":
        raise unprocessable("ACTION_DOES_NOT_MATCH_INTENT", "Order was created with an intent to authorize.")


def new_capture(order: Thing, now: int, base: str, *, is_pending: bool) -> Thing:
    unit, reference = order["purchase_units"][0], order_id()
    amount = {name: unit["amount"][name] for name in ("currency_code", "value")}
    capture: Thing = {
        "id": reference, "status": "PENDING" if is_pending else "COMPLETED", "amount": amount, "final_capture": True,
        "seller_receivable_breakdown": {"gross_amount": amount, "paypal_fee": money(0, amount["currency_code"]), "net_amount": amount},
        "supplementary_data": {"related_ids": {"order_id": order["id"]}}, "create_time": rfc3339(now), "update_time": rfc3339(now),
        "links": [
            {"href": f"{base}/v2/payments/captures/{reference}", "rel": "self", "method": "GET"},
            {"href": f"{base}/v2/payments/captures/{reference}/refund", "rel": "refund", "method": "POST"},
            {"href": f"{base}/v2/checkout/orders/{order['id']}", "rel": "up", "method": "GET"},
        ],
    }  # fmt: skip
    capture |= {name: unit[name] for name in ("custom_id", "invoice_id") if name in unit}
    if is_pending:
        capture["status_details"] = {"reason": "PENDING_REVIEW"}
    return capture


def refund_amount(asked: Thing, capture: Thing, returned: int) -> int:
    """What a refund gives back; the rest where it names no amount. Raises Refusal."""
    if capture["status"] == "PENDING":
        raise unprocessable("PENDING_CAPTURE", "Cannot initiate a refund as the capture is pending.")
    if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED"):
        raise unprocessable("CAPTURE_FULLY_REFUNDED", "The capture has already been fully refunded.")
    rest = minor(capture["amount"]) - returned
    if rest == 0:
        raise unprocessable("CAPTURE_FULLY_REFUNDED", "The capture has already been fully refunded.")
    if "amount" not in asked:
        return rest
    amount = read_money(asked["amount"], "amount")
    if amount["currency_code"] != capture["amount"]["currency_code"]:
        raise unprocessable(
            "REFUND_CAPTURE_CURRENCY_MISMATCH", "Refund must be in the same currency as the capture."
        )
    if minor(amount) > rest:
        raise unprocessable(
            "REFUND_AMOUNT_EXCEEDED",
            "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
        )
    return minor(amount)


def new_refund(capture: Thing, amount: int, asked: Thing, now: int, base: str, *, status: str) -> Thing:
    reference = order_id()
    kept: Thing = {
        name: asked[name] for name in ("invoice_id", "custom_id", "note_to_payer") if name in asked
    }
    return {
        "id": reference, "status": status, "amount": money(amount, capture["amount"]["currency_code"]),
        "create_time": rfc3339(now), "update_time": rfc3339(now),
        "links": [
            {"href": f"{base}/v2/payments/refunds/{reference}", "rel": "self", "method": "GET"},
            {"href": f"{base}/v2/payments/captures/{capture['id']}", "rel": "up", "method": "GET"},
        ],
        **({"custom_id": capture["custom_id"]} if "custom_id" in capture else {}), **kept,
    }  # fmt: skip


def returned(capture: Thing, refunds: list[Thing]) -> int:
    """What was given back of a capture or is on its way."""
    return sum(
        minor(each["amount"]) for each in refunds
        if each["status"] in ("COMPLETED", "PENDING") and each["links"][1]["href"].endswith("/" + capture["id"])
    )  # fmt: skip


def transaction(thing: Thing) -> Thing:
    """A row of the transaction search."""
    is_refund = thing["links"][1]["rel"] == "up"
    amount = dict(thing["amount"])
    if is_refund:
        amount["value"] = "-" + amount["value"]
    return {"transaction_info": {
        "transaction_id": thing["id"], "transaction_event_code": "T1107" if is_refund else "T0006",
        "transaction_initiation_date": thing["create_time"], "transaction_amount": amount,
        "transaction_status": {"COMPLETED": "S", "PENDING": "P"}.get(thing["status"], "D" if thing["status"] in ("DECLINED", "FAILED") else "S"),
        "custom_field": thing.get("custom_id", ""), "invoice_id": thing.get("invoice_id", ""),
    }}  # fmt: skip


def raw_member(text: str, name: str) -> str:
    """The exact text of a member of a JSON object: what was signed is the text, not what it means. Raises ValueError."""
    decoder, blank = json.JSONDecoder(), re.compile(r"[\s,:]*")
    place = text.index("{") + 1
    while True:
        place = _after(blank, text, place)
        key, place = decoder.raw_decode(text, place)
        start = _after(blank, text, place)
        _, place = decoder.raw_decode(text, start)
        if key == name:
            return text[start:place]


def _after(blank: re.Pattern[str], text: str, place: int) -> int:
    found = blank.match(text, place)
    return found.end() if found else place
