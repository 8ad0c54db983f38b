"""Figures of the whole platform."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperator
from karvon.api.schema import errors
from karvon.api.statistics import examples
from karvon.api.statistics import serializers as s
from karvon.api.statistics.shapes import answer_platform


class PlatformStatisticsView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="admin_statistics",
        tags=["operators"],
        summary="Figures of the platform",
        parameters=[s.StatisticsQuery],
        responses={200: s.PlatformStatisticsDetail, **errors(400, 401, 403, 429)},
        examples=[examples.PLATFORM_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Of the last thirty days, or of those from `from` to `to`; 400 for more than 366 of them."""
        return Response(answer_platform(request, get_caller(request)))
