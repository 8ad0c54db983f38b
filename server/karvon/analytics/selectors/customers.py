"""Who bought from a merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from karvon.analytics.models import CustomerSales
from karvon.merchants.policies import Action, require
from karvon.orders.models import Order

if TYPE_CHECKING:
    from karvon.accounts.models import User

# how lists may be sorted, each along an index or after it
ORDERINGS = {
    "last_order": ("last_ordered_at", "id"),
    "-last_order": ("-last_ordered_at", "-id"),
    "spent": ("spent", "id"),
    "-spent": ("-spent", "-id"),
    "orders": ("orders", "id"),
    "-orders": ("-orders", "-id"),
}

INDEXED = 3  # characters; the index over what customers gave knows no shorter pieces


def list_customers(
    actor: User, merchant_id: int, *, search: str = "", ordering: str = "-last_order"
) -> QuerySet[CustomerSales]:
    """A merchant's own customers with their last order there; `search` looks into names and mail addresses given with it,
    or, when it has no letters, into phone numbers.

    Raises what `policies.require` raises.
    """
    require(actor, merchant_id, Action.VIEW_REPORTS)
    customers = CustomerSales.objects.filter(merchant=merchant_id).select_related("last_order")
    if len(search) >= INDEXED:
        # distinct, so that PostgreSQL looks for these orders first instead of asking every customer's last order
        orders = Order.objects.filter(_gave(search)).order_by().distinct()
        customers = customers.filter(last_order__in=orders.values("pk"))
    elif search:
        customers = customers.filter(_gave(search, "last_order__"))
    return customers.order_by(*ORDERINGS[ordering])


def _gave(search: str, order: str = "") -> Q:
    """What customers gave with an order, at the end of this path."""
    given = Q(**{f"{order}contact_name__icontains": search}) | Q(
        **{f"{order}contact_email__icontains": search}
    )
    digits = "".join(filter(str.isdigit, search))
    if digits and not any(map(str.isalpha, search)):
        given |= Q(**{f"{order}contact_phone__contains": digits})
    return given
