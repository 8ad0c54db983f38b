"""Statistics of the platform for its operators, of a merchant for its owner and managers."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator, IsOperator
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.statistics import examples
from karvon.api.statistics import serializers as s
from karvon.api.statistics.shapes import answer_merchant, answer_platform, asked_customers, customer_json
from karvon.merchants.selectors import choose_merchant

TAGS = ["analytics"]


class PlatformStatisticsView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="analytics_statistics",
        tags=TAGS,
        summary="Figures of the platform",
        parameters=[s.StatisticsQuery],
        responses={200: s.PlatformStatisticsDetail, **errors(400, 401, 403, 429)},
        examples=[examples.PLATFORM_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Of the last thirty days, or of those from `from` to `to`; 400 for more than 366 of them. A day is that on which
        orders were placed; what is called off or paid later changes it.
        """
        return Response(answer_platform(request, get_caller(request)))


class MerchantStatisticsView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="analytics_merchant",
        tags=TAGS,
        summary="Figures of a merchant",
        parameters=[s.MerchantStatisticsQuery],
        responses={200: s.MerchantStatisticsDetail, **errors(400, 401, 403, 404, 429)},
        examples=[examples.MERCHANT_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """By id or username. 404 for strangers, 403 for staff other than managers."""
        caller = get_caller(request)
        return Response(answer_merchant(request, caller, choose_merchant(caller, key)))


class MerchantCustomersView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="analytics_merchant_customers",
        tags=TAGS,
        summary="Who bought from a merchant",
        parameters=[s.CustomersQuery],
        responses={200: s.CustomerSalesDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.CUSTOMER_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """Its own customers only, with what they bought here. 404 for strangers."""
        caller = get_caller(request)
        rows = asked_customers(request, caller, choose_merchant(caller, key))
        return self.answer_page(rows, lambda page: [customer_json(each) for each in page])
