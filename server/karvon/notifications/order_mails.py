"""What mails about orders show: read once, as plain values, so that templates ask the database nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from karvon.kernel.formats import format_amount, format_time
from karvon.notifications.rendering import speak
from karvon.orders.models import DeliveryType, Fulfilment, Order, OrderLine


@dataclass(frozen=True, slots=True)
class ShownLine:
    title: str
    details: str
    quantity: int
    unit_price: str
    total: str


@dataclass(frozen=True, slots=True)
class ShownPart:
    """What one branch hands over."""

    merchant: str
    number: str
    branch: str
    address: str
    phone: str
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class Addressee:
    email: str
    language: str
    name: str


def find_order(order_id: int) -> Order | None:
    """An order with everything a mail shows: five queries."""
    orders = Order.objects.select_related("customer").prefetch_related(
        "fulfilments__merchant", "fulfilments__branch", "fulfilments__lines", "discounts"
    )
    return orders.filter(pk=order_id).first()


def find_addressee(order: Order) -> Addressee | None:
    """Who is told: the contact given with the order, else the customer's account; None for a guest without
    email.
    """
    customer = order.customer
    email = order.contact_email or (customer.email if customer else "") or ""
    if not email and customer is None:
        return None
    name = order.contact_name or (customer.first_name if customer else "")
    return Addressee(email=email, language=speak(order.language), name=" ".join(name.split()))


def build_order_context(
    order: Order, addressee: Addressee, *, part: Fulfilment | None = None
) -> dict[str, Any]:
    """What the templates show of an order, or of one part of it, in the addressee's language."""
    language = addressee.language
    parts = [part] if part is not None else list(order.fulfilments.all())
    with translation.override(language):
        return {
            "shop": settings.KARVON_SHOP_NAME,
            "name": addressee.name,
            "number": order.number,
            "order": order,
            "placed_at": _time(order, order.placed_at, language),
            "pay_until": _time(order, order.payment_deadline, language),
            "payment": order.get_payment_method_display(),
            "is_pickup": order.delivery_type == DeliveryType.PICKUP,
            "address": _address(order),
            "note": order.note,
            "url": tracking_url(order),
            "parts": [_show_part(one, language) for one in parts],
            "merchant": parts[0].merchant.name if parts else "",
            "totals": _totals(order, language),
            "total": format_amount(order.total, order.currency, language),
        }


def tracking_url(order: Order) -> str:
    """Where whoever has the token sees how the order is doing."""
    return settings.KARVON_ORDER_URL.format(id=order.pk, token=order.token)


def _time(order: Order, moment: Any, language: str) -> str:
    if moment is None:
        return ""
    first = next(iter(order.fulfilments.all()), None)
    timezone = first.merchant.timezone if first else settings.TIME_ZONE
    return format_time(moment, timezone=timezone, language=language)


def _address(order: Order) -> str:
    shown = ("line1", "line2", "city", "region", "postal_code")
    return ", ".join(str(order.delivery_address[key]) for key in shown if order.delivery_address.get(key))


def _show_part(part: Fulfilment, language: str) -> ShownPart:
    return ShownPart(
        merchant=part.merchant.name,
        number=part.number,
        branch=part.branch.name,
        address=", ".join(text for text in (part.branch.address, part.branch.city) if text),
        phone=part.branch.phone or part.merchant.phone,
        lines=tuple(_show_line(line, part.order.currency, language) for line in part.lines.all()),
    )


def _show_line(line: OrderLine, currency: str, language: str) -> ShownLine:
    options = [str(label) for label in line.options.values()]
    modifiers = [str(modifier.get("name", "")) for modifier in line.modifiers]
    return ShownLine(
        title=line.title,
        details=", ".join(text for text in (*options, *modifiers) if text),
        quantity=line.quantity - line.cancelled_quantity,
        unit_price=format_amount(line.unit_price, currency, language),
        total=format_amount(line.total, currency, language),
    )


def _totals(order: Order, language: str) -> list[tuple[str, str]]:
    """The rows above the total, each with its amount."""

    def shown(amount: Decimal) -> str:
        return format_amount(amount, order.currency, language)

    rows = [(_("Subtotal"), shown(order.subtotal))]
    rows += [
        (discount.name, shown(-discount.amount)) for discount in order.discounts.all() if discount.amount
    ]
    if order.delivery_type == DeliveryType.DELIVERY:
        rows.append((_("Delivery"), shown(order.delivery_fee) if order.delivery_fee else _("free")))
    if order.tax:
        rows.append((_("Tax included"), shown(order.tax)))
    return rows
