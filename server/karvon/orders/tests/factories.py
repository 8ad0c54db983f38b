"""Orders for tests of this room and those above."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from karvon.accounts.models import User
from karvon.accounts.tests.factories import make_user
from karvon.carts.owner import CartOwner
from karvon.carts.tests.factories import cart_id_of, fill_cart
from karvon.catalog.models import Variant
from karvon.inventory.tests.factories import make_variant
from karvon.orders.models import Fulfilment, Order
from karvon.orders.services import PlaceOrder, place_order

ADDRESS = {"line1": "Amir Temur 1", "city": "Tashkent"}
PHONE = "+998901234567"


def make_command(
    *items: tuple[Variant, int], customer: User | None = None, owner: CartOwner | None = None, **fields: Any
) -> PlaceOrder:
    """A checkout of a filled cart: a customer's, or a guest's when neither is given."""
    if owner is None:
        owner = CartOwner(user_id=customer.pk) if customer else None
        cart = fill_cart(*items, owner=owner)
        owner = owner or CartOwner(cart_id=cart_id_of(cart))
    fields = {
        "payment_method": "cash",
        "delivery_type": "delivery",
        "contact_name": "Aziza",
        "contact_phone": PHONE,
        "delivery_address": ADDRESS,
    } | fields
    return PlaceOrder(owner=owner, customer=customer, **fields)


def make_order(*items: tuple[Variant, int], customer: User | None = None, **fields: Any) -> Order:
    """A customer's order of one thing, paid in cash, unless told otherwise."""
    items = items or ((make_variant(units=10), 2),)
    placed = place_order(command=make_command(*items, customer=customer or make_user(), **fields))
    return Order.objects.get(pk=placed.order.pk)


def make_guest_order(*items: tuple[Variant, int], **fields: Any) -> Order:
    items = items or ((make_variant(units=10), 2),)
    return Order.objects.get(pk=place_order(command=make_command(*items, **fields)).order.pk)


def part_of(order: Order, merchant_id: int | None = None) -> Fulfilment:
    """The order's part (of this merchant), as it is in the database now."""
    parts = Fulfilment.objects.filter(order=order)
    return parts.get(merchant_id=merchant_id) if merchant_id else parts.get()


def put_at(part: Fulfilment, state: str) -> None:
    """Set a part and its order to a state without a step."""
    Fulfilment.objects.filter(pk=part.pk).update(state=state)
    Order.objects.filter(pk=part.order_id).update(state=state)


def total_of(order: Order) -> Decimal:
    return Order.objects.values_list("total", flat=True).get(pk=order.pk)
