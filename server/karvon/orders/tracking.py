"""Orders as their customer follows them: one query for a page of them, whatever is in them."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import JSONField, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from karvon.kernel.languages import LANGUAGES
from karvon.merchants.models import Branch, Merchant
from karvon.orders.errors import OrderNotFound
from karvon.orders.models import (
    DeliveryType,
    Fulfilment,
    FulfilmentFlow,
    Order,
    OrderEvent,
    OrderLine,
    OrderState,
)
from karvon.orders.states import UNDONE

if TYPE_CHECKING:
    from karvon.accounts.models import User

_LINE = (
    "id", "fulfilment_id", "product_id", "variant_id", "title", "sku", "options", "modifiers", "image", "quantity",
    "cancelled_quantity", "unit_price", "subtotal", "discount", "tax", "total",
)  # fmt: skip
_EVENT = ("id", "fulfilment_id", "kind", "from_state", "to_state", "actor_role", "reason", "at")
_PART = (
    "id", "merchant_id", "branch_id", "number", "flow", "state", "subtotal", "discount", "delivery_fee", "tax", "total",
    "paid_amount",
)  # fmt: skip
_MERCHANT = ("id", "username", "name", "default_language")
_BRANCH = ("id", *(f"name_{language}" for language in LANGUAGES))


class _Exact(json.JSONDecoder):
    """Amounts stay the decimals they are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_float=Decimal, **options)


class _Document(JSONObject):
    output_field = JSONField(decoder=_Exact)


@dataclass(frozen=True)
class TrackedOrder:
    """An order with all that is told of it; nothing here asks the database again."""

    order: Order
    lines: list[OrderLine]
    events: list[OrderEvent]
    parts: list[Fulfilment]

    @property
    def estimated_at(self) -> datetime | None:
        """When it will be there, or was; None where nobody can tell: shipped goods, and what was called off."""
        if self.order.state in UNDONE:
            return None
        if self.order.state == OrderState.DELIVERED:
            return max(event.at for event in self.events if event.to_state == OrderState.DELIVERED)
        return estimate_arrival(self.order, self.parts)


def estimate_arrival(order: Order, parts: list[Fulfilment]) -> datetime | None:
    """The time that was asked for, else what a kitchen usually takes; None for goods that are shipped."""
    if order.scheduled_for is not None:
        return order.scheduled_for
    if any(part.flow == FulfilmentFlow.RETAIL for part in parts):
        return None
    is_fetched = order.delivery_type == DeliveryType.PICKUP
    minutes = settings.KARVON_PICKUP_MINUTES if is_fetched else settings.KARVON_DELIVERY_MINUTES
    return order.placed_at + timedelta(minutes=minutes)


def list_history(customer: User) -> QuerySet[Order]:
    """Somebody's own orders, newest first, ready for `track`."""
    return _with_content(Order.objects.filter(customer=customer).order_by("-placed_at", "-id"))


def get_own_order(order_id: int, customer: User) -> TrackedOrder:
    """One of somebody's own orders, whatever else they may see. Raises OrderNotFound."""
    return _get(_with_content(Order.objects.filter(pk=order_id, customer=customer)))


def get_order_of_holder(order_id: int, token: str) -> TrackedOrder:
    """One order for whoever holds its token. Raises OrderNotFound."""
    found = _get(_with_content(Order.objects.filter(pk=order_id)))
    if not hmac.compare_digest(found.order.token.encode(), token.encode()):
        raise OrderNotFound
    return found


def track(order: Order) -> TrackedOrder:
    """What `list_history` has read of an order."""
    content: Any = order
    return TrackedOrder(
        order=order,
        lines=[OrderLine(order=order, **each) for each in content.read_lines],
        events=[_event(each) for each in content.read_events],
        parts=[_part(**each) for each in content.read_parts],
    )


def track_placed(order: Order) -> TrackedOrder:
    """An order that was placed a moment ago, from the rows that were written."""
    return TrackedOrder(
        order=order,
        lines=list(order.lines.all()),
        events=list(order.events.all()),
        parts=list(order.fulfilments.all()),
    )


def _get(orders: QuerySet[Order]) -> TrackedOrder:
    order = orders.first()
    if order is None:
        raise OrderNotFound
    return track(order)


def _with_content(orders: QuerySet[Order]) -> QuerySet[Order]:
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by("position", "pk")
    events = OrderEvent.objects.filter(order=OuterRef("pk"), is_public=True).order_by("pk")
    parts = Fulfilment.objects.filter(order=OuterRef("pk")).order_by("pk")
    seller = _Document(**{name: f"merchant__{name}" for name in _MERCHANT})
    place = _Document(**{name: f"branch__{name}" for name in _BRANCH})
    return orders.annotate(
        read_lines=ArraySubquery(lines.values(read=_document(_LINE))),
        read_events=ArraySubquery(events.values(read=_document(_EVENT))),
        read_parts=ArraySubquery(
            parts.values(read=_Document(merchant=seller, branch=place, **{name: name for name in _PART}))
        ),
    )


def _document(names: tuple[str, ...]) -> _Document:
    return _Document(**{name: name for name in names})


def _event(read: dict[str, Any]) -> OrderEvent:
    return OrderEvent(**read | {"at": datetime.fromisoformat(read["at"])})


def _part(*, merchant: dict[str, Any], branch: dict[str, Any], **read: Any) -> Fulfilment:
    names = {"merchant_id", "branch_id"}
    return Fulfilment(
        merchant=Merchant(**merchant),
        branch=Branch(**branch),
        **{name: value for name, value in read.items() if name not in names},
    )
