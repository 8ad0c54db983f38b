"""The shapes of Stripe's objects, and what it refuses in a request."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from karvon.simulators.core import Refusal, Request, Response, new_id

Thing = dict[str, Any]
BOOKS = {"cs_": "sessions", "pi_": "intents", "ch_": "charges", "re_": "refunds"}  # where an id is found
API_VERSION = "2026-10-28.endive"
ACCOUNT: Thing = {
    "id": "acct_1KarvonDemo",
    "object": "account",
    "charges_enabled": True,
    "country": "US",
    "default_currency": "usd",
}
# amounts in these are not multiplied
ZERO_DECIMAL = frozenset(
    (
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    )
)
LARGEST = 999_999_999_999  # not verified: eight digits for most currencies, twelve for some
SHORTEST, LONGEST = 30 * 60, 24 * 3600  # of a session, in seconds
DECLINE: Thing = {
    "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
    "message": "Your card has insufficient funds.",
}  # fmt: skip
KNOWN = frozenset(
    (
        "allow_promotion_codes", "automatic_tax", "billing_address_collection", "cancel_url", "client_reference_id", "currency",
        "customer", "customer_creation", "customer_email", "discounts", "expand", "expires_at", "invoice_creation",
        "line_items", "locale", "metadata", "mode", "payment_intent_data", "payment_method_types", "phone_number_collection",
        "return_url", "shipping_address_collection", "shipping_options", "submit_type", "success_url", "ui_mode",
    )
)  # fmt: skip


def refused(status: int, kind: str, message: str, **more: str) -> Refusal:
    """Stripe's error body; `more` holds code, param, decline_code."""
    return Refusal(Response.of({"error": {"type": kind, "message": message, **more}}, status))


def invalid(message: str, param: str, **more: str) -> Refusal:
    return refused(400, "invalid_request_error", message, param=param, **more)


def unflatten(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0][c]=1` as nested dicts; those with the keys 0, 1, … as lists."""
    tree: dict[str, Any] = {}
    for name, text in pairs:
        keys = re.findall(r"[^\[\]]+", name)
        place = tree
        for key in keys[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise invalid(f"Invalid object: {name}", keys[0])
        place[keys[-1]] = text
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {name: _listed(each) for name, each in value.items()}


def whole(value: Any, param: str, least: int = 0) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,15}", value):
        raise invalid(f"Invalid integer: {value}", param, code="parameter_invalid_integer")
    if int(value) < least:
        raise invalid(
            f"This value must be greater than or equal to {least}.", param, code="parameter_invalid_integer"
        )
    return int(value)


def exponent(currency: str) -> int:
    return 0 if currency.lower() in ZERO_DECIMAL else 2


def _text(asked: Mapping[str, Any], name: str, longest: int = 5000) -> str | None:
    value = asked.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > longest):
        raise invalid(f"Invalid string: {name} is at most {longest} characters long", name)
    return value or None


def _url(asked: Mapping[str, Any], name: str) -> str | None:
    value = _text(asked, name)
    if value is not None and not re.match(r"https?://[^\s/]+", value):
        raise invalid("Not a valid URL", name, code="url_invalid")
    return value


def _line(number: int, asked: Any) -> Thing:
    param = f"line_items[{number}]"
    price = asked.get("price_data") if isinstance(asked, dict) else None
    if not isinstance(price, dict):
        raise invalid(f"Missing required param: {param}[price_data].", param, code="parameter_missing")
    currency = str(price.get("currency", ""))
    if not re.fullmatch(r"[a-z]{3}", currency.lower()):
        raise invalid(f"Invalid currency: {currency}.", f"{param}[price_data][currency]")
    product = price.get("product_data")
    if not isinstance(product, dict) or not product.get("name"):
        name = f"{param}[price_data][product_data][name]"
        raise invalid(f"Missing required param: {name}.", name, code="parameter_missing")
    quantity = whole(asked.get("quantity", "1"), f"{param}[quantity]", 1)
    unit = whole(price.get("unit_amount"), f"{param}[price_data][unit_amount]")
    total = quantity * unit
    return {
        "id": new_id("li_"), "object": "item", "amount_discount": 0, "amount_subtotal": total, "amount_tax": 0,
        "amount_total": total, "currency": currency.lower(), "description": product["name"], "quantity": quantity,
        "price": {"id": new_id("price_"), "object": "price", "currency": currency.lower(), "unit_amount": unit},
    }  # fmt: skip


def _expiry(asked: Mapping[str, Any], now: int) -> int:
    if "expires_at" not in asked:
        return now + LONGEST
    at = whole(asked["expires_at"], "expires_at")
    if not now + SHORTEST <= at + 5 or at > now + LONGEST:  # a few seconds pass on the way
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.",
            "expires_at",
        )
    return at


def new_session(asked: dict[str, Any], *, now: int, base: str) -> tuple[Thing, list[Thing]]:
    """A Checkout Session and its lines. Raises Refusal."""
    for name in sorted(set(asked) - KNOWN):
        raise invalid(f"Received unknown parameter: {name}", name, code="parameter_unknown")
    if asked.get("mode") != "payment":
        raise invalid("Invalid mode: must be one of payment", "mode")
    if asked.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("This simulator has hosted pages only", "ui_mode")
    if not asked.get("success_url"):
        raise invalid("Missing required param: success_url.", "success_url", code="parameter_missing")
    if not isinstance(asked.get("line_items"), list):
        raise invalid("Missing required param: line_items.", "line_items", code="parameter_missing")
    lines = [_line(number, each) for number, each in enumerate(asked["line_items"])]
    if len({each["currency"] for each in lines}) != 1:
        raise invalid("All line items must have the same currency.", "line_items")
    total = sum(each["amount_total"] for each in lines)
    if not 0 < total <= LARGEST:
        word = "small" if total <= 0 else "large"
        raise invalid(
            "The Checkout Session's total amount is not chargeable.", "line_items", code=f"amount_too_{word}"
        )
    return _session(asked, lines[0]["currency"], total, now, base), lines


def _session(asked: dict[str, Any], currency: str, total: int, now: int, base: str) -> Thing:
    reference = new_id("cs_test_", length=58)
    return {
        "id": reference, "object": "checkout.session", "amount_subtotal": total, "amount_total": total,
        "cancel_url": _url(asked, "cancel_url"), "client_reference_id": _text(asked, "client_reference_id", 200),
        "created": now, "currency": currency, "customer": _text(asked, "customer"), "customer_details": None,
        "customer_email": _text(asked, "customer_email"), "expires_at": _expiry(asked, now), "livemode": False,
        "locale": _text(asked, "locale"), "metadata": asked.get("metadata") or {}, "mode": "payment",
        "payment_intent": None, "payment_method_types": ["card"], "payment_status": "unpaid", "status": "open",
        "submit_type": None, "success_url": _url(asked, "success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}, "ui_mode": "hosted_page",
        "url": f"{base}/c/pay/{reference}",
    }  # fmt: skip


def new_intent(session: Thing, data: Mapping[str, Any], now: int) -> Thing:
    """The session's metadata are not copied to it; those of `payment_intent_data` are its own."""
    return {
        "id": new_id("pi_"), "object": "payment_intent", "amount": session["amount_total"], "amount_received": 0,
        "capture_method": "automatic", "created": now, "currency": session["currency"], "customer": session["customer"],
        "description": data.get("description"), "last_payment_error": None, "latest_charge": None, "livemode": False,
        "metadata": dict(data.get("metadata") or {}), "status": "requires_payment_method",
    }  # fmt: skip


def new_charge(intent: Thing, *, is_paid: bool, now: int) -> Thing:
    return {
        "id": new_id("ch_"), "object": "charge", "amount": intent["amount"], "amount_captured": intent["amount"] if is_paid else 0,
        "amount_refunded": 0, "captured": is_paid, "created": now, "currency": intent["currency"], "disputed": False,
        "failure_code": None if is_paid else DECLINE["code"], "failure_message": None if is_paid else DECLINE["message"],
        "livemode": False, "metadata": dict(intent["metadata"]), "paid": is_paid, "payment_intent": intent["id"],
        "refunded": False, "status": "succeeded" if is_paid else "failed",
    }  # fmt: skip


def refund_amount(asked: Mapping[str, Any], charge: Thing) -> int:
    """What a refund gives back; the rest where it names no amount. Raises Refusal."""
    if not charge["paid"]:
        raise invalid(f"Charge {charge['id']} has not been paid.", "charge", code="charge_not_refundable")
    rest = charge["amount"] - charge["amount_refunded"]
    if rest == 0:  # this code and the next: not verified
        raise invalid(
            f"Charge {charge['id']} has already been refunded.", "charge", code="charge_already_refunded"
        )
    amount = whole(asked["amount"], "amount", 1) if "amount" in asked else rest
    if amount > rest:
        text = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({rest})"
        raise invalid(text, "amount", code="amount_too_large")
    if asked.get("reason") not in (None, "duplicate", "fraudulent", "requested_by_customer"):
        raise invalid("Invalid reason", "reason")
    return amount


def new_refund(charge: Thing, amount: int, asked: Mapping[str, Any], now: int) -> Thing:
    return {
        "id": new_id("re_"), "object": "refund", "amount": amount, "charge": charge["id"], "created": now,
        "currency": charge["currency"], "metadata": asked.get("metadata") or {}, "payment_intent": charge["payment_intent"],
        "reason": asked.get("reason"), "status": "pending",
    }  # fmt: skip


def movement(thing: Thing) -> Thing:
    """The balance transaction of a charge or refund; this Stripe takes no fee."""
    sign = 1 if thing["object"] == "charge" else -1
    return {
        "id": "txn_" + thing["id"].partition("_")[2], "object": "balance_transaction", "amount": sign * thing["amount"],
        "created": thing["created"], "currency": thing["currency"], "fee": 0, "net": sign * thing["amount"],
        "source": thing["id"], "status": "available", "type": thing["object"],
    }  # fmt: skip


def new_event(kind: str, thing: Thing, now: int) -> Thing:
    return {
        "id": new_id("evt_"), "object": "event", "api_version": API_VERSION, "created": now, "data": {"object": thing},
        "livemode": False, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind,
    }  # fmt: skip


def listing(data: list[Thing], url: str, *, has_more: bool = False) -> Thing:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page_of(things: list[Thing], query: Mapping[str, str], filters: tuple[str, ...]) -> Thing:
    """Newest first, filtered, from `starting_after` on."""
    found = [
        each for each in reversed(things)
        if all(name not in query or each.get(name) == query[name] for name in filters) and _created(each, query)
    ]  # fmt: skip
    if after := query.get("starting_after"):
        places = [place for place, each in enumerate(found) if each["id"] == after]
        if not places:
            raise invalid(f"No such object: '{after}'", "starting_after", code="resource_missing")
        found = found[places[0] + 1 :]
    limit = whole(query.get("limit", "10"), "limit", 1)
    if limit > 100:
        raise invalid("This value must be less than or equal to 100.", "limit")
    return listing(found[:limit], "", has_more=len(found) > limit)


def _created(thing: Thing, query: Mapping[str, str]) -> bool:
    at = thing["created"]
    bounds = {
        "gte": lambda border: at >= border, "gt": lambda border: at > border,
        "lte": lambda border: at <= border, "lt": lambda border: at < border,
    }  # fmt: skip
    return all(
        holds(whole(query[f"created[{name}]"], "created"))
        for name, holds in bounds.items()
        if f"created[{name}]" in query
    )


@dataclass
class Books:
    """By id, oldest first."""

    sessions: dict[str, Thing] = field(default_factory=dict)
    lines: dict[str, list[Thing]] = field(default_factory=dict)
    intent_data: dict[str, dict[str, Any]] = field(default_factory=dict)
    intents: dict[str, Thing] = field(default_factory=dict)
    charges: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    events: dict[str, Thing] = field(default_factory=dict)
    # idempotency key → (method, path and parameters of its first use, answer)
    replays: dict[str, tuple[str, Response]] = field(default_factory=dict)


def expansions(request: Request) -> list[str]:
    """What `expand` names, in a query or a form."""
    pairs = [*request.query.items(), *(request.form() if request.method == "POST" else [])]
    return [text for name, text in pairs if name == "expand" or name.startswith("expand[")]


def expanded(thing: Thing, names: list[str], books: Books) -> Thing:
    """A copy with the objects themselves where `expand` asks for more than their ids."""
    shown = copy.deepcopy(thing)
    for name in names:
        first, _, rest = name.removeprefix("data.").partition(".")
        value = shown.get(first)
        if first == "line_items" and thing["object"] == "checkout.session":
            shown[first] = listing(
                books.lines[thing["id"]], f"/v1/checkout/sessions/{thing['id']}/line_items"
            )
        elif isinstance(value, str) and (book := BOOKS.get(value[:3])):
            shown[first] = expanded(getattr(books, book)[value], [rest] if rest else [], books)
        elif isinstance(value, dict) and rest:
            shown[first] = expanded(value, [rest], books)
    return shown
