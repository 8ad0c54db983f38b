"""A merchant's own part of orders."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.doors.merchant.acting import MERCHANT_PARAMETERS, acting_merchant
from karvon.api.doors.merchant.bodies import read_body, read_query
from karvon.api.doors.merchant.orders import examples
from karvon.api.doors.merchant.orders import serializers as s
from karvon.api.doors.merchant.orders.shapes import order_json
from karvon.api.links import site_of
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.orders.selectors import get_order_of_merchant, orders_of_merchant
from karvon.orders.services import advance_order

TAGS = ["merchant"]


class MerchantOrderListView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_orders_list",
        tags=TAGS,
        summary="Orders of the shop",
        parameters=[s.MerchantDoorOrderQuery, *MERCHANT_PARAMETERS],
        responses={200: s.MerchantDoorOrder(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first, of each the shop's own lines only; `status` is that of its part."""
        merchant = acting_merchant(request)
        asked = read_query(s.MerchantDoorOrderQuery, request)
        orders = orders_of_merchant(merchant.pk, state=asked.pop("status", ""), **asked)
        site = site_of(request)
        return self.answer_page(orders, lambda page: [order_json(order, site) for order in page])


class MerchantOrderView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_orders_retrieve",
        tags=TAGS,
        summary="One order of the shop",
        parameters=MERCHANT_PARAMETERS,
        responses={200: s.MerchantDoorOrder, **errors(401, 403, 404, 429)},
        examples=[examples.ANSWER],
    )
    def get(self, request: Request, order_id: int) -> Response:
        """404 where the shop has no part in it."""
        order = get_order_of_merchant(acting_merchant(request).pk, order_id)
        return Response(order_json(order, site_of(request)))


class MerchantOrderStatusView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_orders_status",
        tags=TAGS,
        summary="Take the shop's part of an order to its next state",
        parameters=MERCHANT_PARAMETERS,
        request=s.MerchantDoorStatusRequest,
        responses={200: s.MerchantDoorOrder, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.STATUS, examples.ANSWER],
    )
    def put(self, request: Request, order_id: int) -> Response:
        """Along the states of the order only (409 `invalid_transition`). Everybody at the shop takes orders on; the owner,
        managers and cashiers call them off.
        """
        merchant = acting_merchant(request)
        asked = read_body(s.MerchantDoorStatusRequest, request)
        advance_order(
            order_id=order_id,
            to=asked["status"],
            reason=asked["reason"],
            actor=get_caller(request),
            merchant_id=merchant.pk,
        )
        return Response(order_json(get_order_of_merchant(merchant.pk, order_id), site_of(request)))
