"""Who bought from a merchant."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.doors.merchant.acting import MERCHANT_PARAMETERS, acting_merchant
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.statistics import examples
from karvon.api.statistics import serializers as s
from karvon.api.statistics.shapes import asked_customers, customer_json


class CustomersView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_customers",
        tags=["merchant"],
        summary="The shop's customers",
        parameters=[*MERCHANT_PARAMETERS, s.CustomersQuery],
        responses={200: s.CustomerSalesDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.CUSTOMER_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Who bought here, with what they bought here; for the owner and managers."""
        rows = asked_customers(request, get_caller(request), acting_merchant(request))
        return self.answer_page(rows, lambda page: [customer_json(each) for each in page])
