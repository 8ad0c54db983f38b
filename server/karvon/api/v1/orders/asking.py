"""Which order a request is about, and how much of it is shown."""

from __future__ import annotations

from rest_framework.request import Request

from karvon.accounts.models import User
from karvon.api.holders import find_asked
from karvon.api.v1.orders.serializers import OrderTokenQuery
from karvon.orders import selectors
from karvon.orders.models import Order


def read_token(request: Request) -> str:
    """The token of an order that a guest sends; "" without one. Raises ValidationError."""
    query = OrderTokenQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    return str(query.validated_data.get("token") or "")


def read_asked_order(request: Request, order_id: int) -> tuple[Order, frozenset[int] | None]:
    """The order by its token or as the caller may see it, and whose parts of it are shown.

    Raises OrderNotFound, AuthenticationRequired.
    """

    def visible(caller: User) -> tuple[Order, frozenset[int] | None]:
        order = selectors.get_order(order_id, caller)
        return order, selectors.scope_of(caller, order)

    return find_asked(
        request,
        read_token(request),
        held=lambda token: (selectors.get_order_by_token(order_id, token), None),
        own=visible,
    )
