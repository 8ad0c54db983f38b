"""An order as the shop contracts show it to whoever placed it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from karvon.accounts.selectors import ADDRESS_FIELDS
from karvon.api.fields import PaymentMethodField
from karvon.api.holders import find_asked
from karvon.api.links import absolute, site_of
from karvon.api.market.products import MarketModifier, MarketSeller
from karvon.kernel.money import money_json
from karvon.kernel.rendering import time_json
from karvon.orders.dues import dues_by_part, sum_dues
from karvon.orders.models import (
    DeliveryType,
    Fulfilment,
    OrderEvent,
    OrderLine,
    OrderState,
    PaymentState,
)
from karvon.orders.tracking import TrackedOrder, get_order_of_holder, get_own_order

STEPS = frozenset({"placed", "state"})
Json = dict[str, Any]


class MarketOrderQuery(serializers.Serializer[Any]):
    """What a guest got when ordering."""

    token = serializers.CharField(max_length=64, required=False)


def read_asked_order(request: Request, order_id: int) -> TrackedOrder:
    """The order that an address means; its `token` may stand in the query."""
    query = MarketOrderQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    return get_asked_order(request, order_id, query.validated_data.get("token"))


def get_asked_order(request: Request, order_id: int, token: str | None) -> TrackedOrder:
    """A guest's by its token, else one of the caller's own. Raises AuthenticationRequired, OrderNotFound."""
    return find_asked(
        request,
        token,
        held=lambda token: get_order_of_holder(order_id, token),
        own=lambda caller: get_own_order(order_id, caller),
    )


def order_json(tracked: TrackedOrder, request: Request) -> Json:
    """The documented order: what was bought, where it is, when it will be there."""
    order, site = tracked.order, site_of(request)
    estimated_at = time_json(tracked.estimated_at)
    return {
        **_head_json(tracked),
        "status": order.state,
        "subtotal": money_json(order.subtotal),
        "discount": money_json(order.discount),
        "delivery_fee": money_json(order.delivery_fee),
        "items": [_item_json(each, site) for each in tracked.lines],
        "timeline": [_step_json(each) for each in tracked.events if each.kind in STEPS],
        "courier": None,  # nobody is assigned yet
        "eta": estimated_at,
        "estimated_delivery": estimated_at,
        "delivery_type": order.delivery_type,
        "delivery_address": ", ".join(
            order.delivery_address[name] for name in ADDRESS_FIELDS if order.delivery_address.get(name)
        ),
        "scheduled_for": time_json(order.scheduled_for),
        "note": order.note,
        "parts": [_part_json(each) for each in tracked.parts],
        "created_at": time_json(order.placed_at),
        "updated_at": time_json(order.updated_at),
    }


def placed_json(tracked: TrackedOrder, request: Request, *, status: str) -> Json:
    """The answer to whoever has just ordered; `token` opens the order without a login and is told once."""
    site = site_of(request)
    return {
        **_head_json(tracked),
        "status": status,
        "items": [_item_json(each, site) for each in tracked.lines],
        "estimated_delivery": time_json(tracked.estimated_at),
        "token": tracked.order.token,
    }


def _head_json(tracked: TrackedOrder) -> Json:
    order = tracked.order
    due = sum_dues(dues_by_part(tracked.parts, tracked.lines, order.currency).values()).due
    return {
        "id": order.pk,
        "order_id": order.pk,
        "number": order.number,
        "total_amount": money_json(order.total),
        "currency": order.currency,
        "payment": {
            "method": order.payment_method,
            "status": order.payment_state,
            "amount": money_json(order.total),
            "amount_due": money_json(due),
            "currency": order.currency,
            "expires_at": time_json(order.payment_deadline),
            "url": None,
        },
    }


def _item_json(line: OrderLine, site: str) -> Json:
    return {
        "id": line.pk,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "name": line.title,
        "sku": line.sku,
        "attributes": line.options,
        "modifiers": line.modifiers,
        "image": absolute(site, line.image or None),
        "quantity": line.quantity,
        "unit_price": money_json(line.unit_price),
        "total_price": money_json(line.subtotal),
    }


def _step_json(event: OrderEvent) -> Json:
    return {
        "status": event.to_state,
        "at": time_json(event.at),
        "by": event.actor_role,
        "reason": event.reason,
        "part_id": event.fulfilment_id,
    }


def _part_json(part: Fulfilment) -> Json:
    return {
        "id": part.pk,
        "status": part.state,
        "merchant": {"id": part.merchant.pk, "username": part.merchant.username, "name": part.merchant.name},
        "branch": {"id": part.branch.pk, "name": part.branch.name},
        "total_amount": money_json(part.total),
    }


class MarketOrderItem(serializers.Serializer[Any]):
    """A line as it was sold."""

    id = serializers.IntegerField()
    product_id = serializers.IntegerField(allow_null=True)
    variant_id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    sku = serializers.CharField()
    attributes = serializers.DictField(child=serializers.CharField())
    modifiers = MarketModifier(many=True)
    image = serializers.URLField(allow_null=True)
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField()
    total_price = serializers.CharField()


class MarketOrderPayment(serializers.Serializer[Any]):
    """`url` is where the customer pays; null where there is nothing to open."""

    method = PaymentMethodField()
    status = serializers.ChoiceField(choices=PaymentState.choices)
    amount = serializers.CharField()
    amount_due = serializers.CharField()
    currency = serializers.CharField()
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="When an unpaid order gives its goods back."
    )
    url = serializers.URLField(allow_null=True)


class MarketOrderHead(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="The same as `order_id`.")
    order_id = serializers.IntegerField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderState.choices)
    total_amount = serializers.CharField()
    currency = serializers.CharField()
    items = MarketOrderItem(many=True)
    estimated_delivery = serializers.DateTimeField(allow_null=True, help_text="Null where nobody can tell.")
    payment = MarketOrderPayment()


class MarketPlacedOrder(MarketOrderHead):
    """`token` opens the order without a login; it is told once."""

    token = serializers.CharField()


class MarketOrderStep(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=OrderState.choices)
    at = serializers.DateTimeField()
    by = serializers.CharField()
    reason = serializers.CharField()
    part_id = serializers.IntegerField(allow_null=True)


class MarketOrderBranch(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class MarketOrderPart(serializers.Serializer[Any]):
    """What one branch of one merchant hands over."""

    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=OrderState.choices)
    merchant = MarketSeller()
    branch = MarketOrderBranch()
    total_amount = serializers.CharField()


class MarketCourier(serializers.Serializer[Any]):
    name = serializers.CharField()
    phone = serializers.CharField()


class MarketOrder(MarketOrderHead):
    """total_amount = subtotal - discount + delivery_fee. `timeline` is oldest first; `courier` is null until there is one."""

    subtotal = serializers.CharField()
    discount = serializers.CharField()
    delivery_fee = serializers.CharField()
    timeline = MarketOrderStep(many=True)
    courier = MarketCourier(allow_null=True)
    eta = serializers.DateTimeField(allow_null=True, help_text="The same as `estimated_delivery`.")
    delivery_type = serializers.ChoiceField(choices=DeliveryType.choices)
    delivery_address = serializers.CharField()
    scheduled_for = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    parts = MarketOrderPart(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
