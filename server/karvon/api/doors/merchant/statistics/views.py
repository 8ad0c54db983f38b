"""A merchant's dashboard."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.doors.merchant.acting import MERCHANT_PARAMETERS, acting_merchant
from karvon.api.schema import errors
from karvon.api.statistics import examples
from karvon.api.statistics import serializers as s
from karvon.api.statistics.shapes import answer_merchant


class StatisticsView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_statistics",
        tags=["merchant"],
        summary="The shop's figures",
        parameters=[*MERCHANT_PARAMETERS, s.MerchantStatisticsQuery],
        responses={200: s.MerchantStatisticsDetail, **errors(400, 401, 403, 404, 429)},
        examples=[examples.MERCHANT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Today, the last 7 or 30 days, or a range, beside as many days before; for the owner and managers."""
        return Response(answer_merchant(request, get_caller(request), acting_merchant(request)))
