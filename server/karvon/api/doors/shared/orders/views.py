"""Somebody's own orders: history and tracking."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import AllowAny, IsAuthenticated
from karvon.api.market import examples
from karvon.api.market.orders import MarketOrder, MarketOrderQuery, order_json, read_asked_order
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.orders import tracking

TAGS = ["food ordering", "marketplace"]
ORDER_ANSWER = OpenApiExample("order", value=examples.ORDER, response_only=True)


class OrderListView(PagedView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="market_orders_list",
        tags=TAGS,
        summary="The own orders",
        responses={200: MarketOrder(many=True), **errors(400, 401, 404)},
        examples=[ORDER_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first. What a merchant's people hand over is not here."""
        return self.answer_page(
            tracking.list_history(get_caller(request)),
            lambda page: [order_json(tracking.track(order), request) for order in page],
        )


class OrderView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="market_orders_retrieve",
        tags=TAGS,
        summary="Where an order is",
        parameters=[MarketOrderQuery],
        responses={200: MarketOrder, **errors(400, 401, 404)},
        examples=[ORDER_ANSWER],
    )
    def get(self, request: Request, order_id: int) -> Response:
        """404 for others' orders. Guests send the `token` that they got when ordering."""
        return Response(order_json(read_asked_order(request, order_id), request))
