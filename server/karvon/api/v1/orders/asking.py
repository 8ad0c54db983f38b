"""Which order a request is about, and how much of it is shown."""

from __future__ import annotations

from rest_framework.request import Request

from karvon.api.v1.orders.serializers import OrderTokenQuery
from karvon.kernel.errors import AuthenticationRequired
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
    token = read_token(request)
    if token:
        return selectors.get_order_by_token(order_id, token), None
    if not request.user.is_authenticated:
        raise AuthenticationRequired
    order = selectors.get_order(order_id, request.user)
    return order, selectors.scope_of(request.user, order)
