"""What a shop has been paid out."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.doors.merchant.acting import MERCHANT_PARAMETERS, acting_merchant
from karvon.api.pages import PagedView
from karvon.api.payouts import PAYOUT_ANSWER, PayoutDetail, PayoutQuery, payout_json
from karvon.api.schema import errors
from karvon.ledger.selectors import list_payouts


class PayoutsView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_payouts",
        tags=["merchant"],
        summary="The shop's payouts",
        parameters=[*MERCHANT_PARAMETERS, PayoutQuery],
        responses={200: PayoutDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[PAYOUT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first; for the owner and managers."""
        asked = PayoutQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        merchant = acting_merchant(request)
        payouts = list_payouts(merchant.pk, get_caller(request), **asked.validated_data)
        return self.answer_page(payouts, lambda page: [payout_json(each) for each in page])
