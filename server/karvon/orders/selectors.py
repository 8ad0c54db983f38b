"""Reads of the order book, scoped by who asks."""

from __future__ import annotations

import functools
import hmac
import operator
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from karvon.merchants.selectors import merchant_ids_of
from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Fulfilment, Order, OrderEvent, OrderLine, OrderState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

    Principal = User | AnonymousUser


def orders_visible_to(principal: Principal) -> QuerySet[Order]:
    """A customer's own, a merchant's with a part of theirs, all for operators."""
    orders = Order.objects.order_by("-placed_at", "-id")
    if not principal.is_authenticated:
        return orders.none()
    if principal.is_operator:
        return orders
    merchants = merchant_ids_of(principal)
    if not merchants:
        return orders.filter(customer=principal)
    theirs = Fulfilment.objects.filter(merchant_id__in=merchants).values("order_id")
    return orders.filter(Q(customer=principal) | Q(pk__in=theirs))


def orders_placed_by(principal: Principal) -> QuerySet[Order]:
    """What somebody ordered; all for operators. Unlike `orders_visible_to` it is no merchant's view."""
    orders = Order.objects.order_by("-placed_at", "-id")
    if not principal.is_authenticated:
        return orders.none()
    return orders if principal.is_operator else orders.filter(customer=principal)


def get_placed_order(order_id: int, principal: Principal) -> Order:
    """One of `orders_placed_by`, with its lines. Raises OrderNotFound."""
    order = with_lines(orders_placed_by(principal)).filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


def list_orders_of(customer_id: int) -> QuerySet[Order]:
    """A customer's history, newest first."""
    return Order.objects.filter(customer_id=customer_id).order_by("-placed_at", "-id")


def with_lines(orders: QuerySet[Order]) -> QuerySet[Order]:
    """One query more."""
    return orders.prefetch_related(Prefetch("lines", OrderLine.objects.order_by("position", "pk")))


def in_state(
    orders: QuerySet[Order], state: str, principal: User, *, merchants: frozenset[int] | None
) -> QuerySet[Order]:
    """Orders of this state; where somebody sees only these merchants' parts, orders with such a part in it."""
    if not merchants:
        return orders.filter(state=state)
    theirs = Fulfilment.objects.filter(order=OuterRef("pk"), merchant_id__in=merchants, state=state)
    return orders.filter(Q(customer=principal, state=state) | (~Q(customer=principal) & Exists(theirs)))


def fulfilments_visible_to(principal: Principal) -> QuerySet[Fulfilment]:
    """Parts of a merchant's own people; all for operators."""
    parts = Fulfilment.objects.select_related("order", "merchant", "branch").order_by("-placed_at", "-id")
    if not principal.is_authenticated:
        return parts.none()
    if principal.is_operator:
        return parts
    return parts.filter(merchant_id__in=merchant_ids_of(principal))


def with_content(orders: QuerySet[Order], *, merchants: frozenset[int] | None) -> QuerySet[Order]:
    """Orders with parts, lines, discounts and timeline (five queries); of these merchants only, where given."""
    parts = Fulfilment.objects.select_related("merchant", "branch").order_by("pk")
    lines = OrderLine.objects.order_by("position", "pk")
    events = OrderEvent.objects.filter(is_public=True).order_by("pk")
    if merchants is not None:
        parts = parts.filter(merchant_id__in=merchants)
        lines = lines.filter(fulfilment__merchant_id__in=merchants)
        events = events.filter(Q(fulfilment=None) | Q(fulfilment__merchant_id__in=merchants))
    return orders.prefetch_related(
        Prefetch("fulfilments", parts), Prefetch("lines", lines), Prefetch("events", events), "discounts"
    )


def scope_of(principal: Principal, order: Order | None = None) -> frozenset[int] | None:
    """Whose parts of an order this person sees: all of their own order, else only their merchants'."""
    if not principal.is_authenticated or principal.is_operator:
        return None
    if order is not None and order.customer_id == principal.pk:
        return None
    return merchant_ids_of(principal)


def get_order(order_id: int, principal: Principal) -> Order:
    """One order as this person may see it. Raises OrderNotFound."""
    order = orders_visible_to(principal).filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return with_content(Order.objects.filter(pk=order_id), merchants=scope_of(principal, order)).get()


def get_order_by_token(order_id: int, token: str) -> Order:
    """One order for whoever holds its token. Raises OrderNotFound."""
    order = with_content(Order.objects.filter(pk=order_id), merchants=None).first()
    if order is None or not hmac.compare_digest(order.token.encode(), token.encode()):
        raise OrderNotFound
    return order


def get_fulfilment(fulfilment_id: int, principal: Principal) -> Fulfilment:
    """One part with its lines. Raises OrderNotFound."""
    part = fulfilments_visible_to(principal).prefetch_related("lines").filter(pk=fulfilment_id).first()
    if part is None:
        raise OrderNotFound
    return part


def orders_of_merchant(
    merchant_id: int,
    *,
    state: str = "",
    date_from: date | None = None,
    date_to: date | None = None,
    search: str = "",
) -> QuerySet[Order]:
    """Orders with a part of this merchant's, newest first, for who has been let in already; of each, `lines` are that
    merchant's only, with their parts. Two queries.

    State and days (inclusive, of the merchant's calendar) are those of its parts; `search` looks into number, name and phone.
    """
    parts = Fulfilment.objects.filter(merchant_id=merchant_id)
    if state:
        parts = parts.filter(state=state)
    if date_from is not None:
        parts = parts.filter(business_date__gte=date_from)
    if date_to is not None:
        parts = parts.filter(business_date__lte=date_to)
    orders = Order.objects.filter(pk__in=parts.values("order_id")).order_by("-placed_at", "-id")
    if search:
        names = ("number", "contact_name", "contact_phone")
        wanted = [Q(**{f"{name}__icontains": search}) for name in names]
        orders = orders.filter(functools.reduce(operator.or_, wanted))
    lines = OrderLine.objects.filter(fulfilment__merchant_id=merchant_id).select_related("fulfilment")
    return orders.prefetch_related(Prefetch("lines", lines.order_by("position", "pk")))


def get_order_of_merchant(merchant_id: int, order_id: int) -> Order:
    """One of them. Raises OrderNotFound for orders in which the merchant has no part."""
    order = orders_of_merchant(merchant_id).filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


def has_received(user_id: int, product_id: int) -> bool:
    """Whether at least one unit of this product was handed over to this person."""
    return OrderLine.objects.filter(
        product_id=product_id,
        order__customer_id=user_id,
        fulfilment__state=OrderState.DELIVERED,
        cancelled_quantity__lt=F("quantity"),
    ).exists()
