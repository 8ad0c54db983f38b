"""Payouts: merchants look at theirs, operators take the steps."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator, IsOperator
from karvon.api.pages import PagedView
from karvon.api.payouts import PAYOUT_ANSWER, PayoutDetail, PayoutQuery, payout_json
from karvon.api.schema import errors
from karvon.api.v1.ledger import examples
from karvon.api.v1.ledger import serializers as s
from karvon.api.v1.ledger.views.reading import read
from karvon.kernel.idempotency import idempotent
from karvon.ledger import selectors, services

TAGS = ["payouts"]


class PayoutListView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="payouts_list",
        tags=TAGS,
        summary="Payouts, newest first",
        parameters=[PayoutQuery],
        responses={200: PayoutDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[PAYOUT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """A merchant's own for its owner and managers, all for operators."""
        asked = read(PayoutQuery, request.query_params)
        payouts = selectors.payouts_visible_to(get_caller(request)).filter(**asked)
        return self.answer_page(payouts, lambda page: [payout_json(each) for each in page])


class PayoutView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="payouts_retrieve",
        tags=TAGS,
        summary="One payout",
        responses={200: PayoutDetail, **errors(401, 403, 404, 429)},
        examples=[PAYOUT_ANSWER],
    )
    def get(self, request: Request, payout_id: int) -> Response:
        """404 for another merchant's."""
        return Response(payout_json(selectors.get_payout(payout_id, get_caller(request))))


class PayoutApproveView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payouts_approve",
        tags=TAGS,
        summary="Let a payout go",
        request=None,
        responses={200: PayoutDetail, **errors(401, 403, 404, 409, 429)},
        examples=[PAYOUT_ANSWER],
    )
    @idempotent
    def post(self, request: Request, payout_id: int) -> Response:
        """403 `two_people_needed` for who made it; 409 `payout_held` while its bank details are too new."""
        caller = get_caller(request)
        services.approve_payout(payout_id=payout_id, actor=caller)
        return Response(payout_json(selectors.get_payout(payout_id, caller)))


class PayoutPaidView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payouts_mark_paid",
        tags=TAGS,
        summary="The bank has paid it",
        request=s.PayoutPaidRequest,
        responses={200: PayoutDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.PAID_REQUEST, PAYOUT_ANSWER],
    )
    @idempotent
    def post(self, request: Request, payout_id: int) -> Response:
        """Of an approved payout."""
        asked, caller = read(s.PayoutPaidRequest, request.data), get_caller(request)
        services.mark_payout_paid(payout_id=payout_id, actor=caller, **asked)
        return Response(payout_json(selectors.get_payout(payout_id, caller)))


class PayoutFailedView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payouts_mark_failed",
        tags=TAGS,
        summary="It did not arrive",
        request=s.PayoutReasonRequest,
        responses={200: PayoutDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REASON_REQUEST, PAYOUT_ANSWER],
    )
    @idempotent
    def post(self, request: Request, payout_id: int) -> Response:
        """Of an approved payout: the amount goes back to the merchant's balance."""
        asked, caller = read(s.PayoutReasonRequest, request.data), get_caller(request)
        services.mark_payout_failed(payout_id=payout_id, actor=caller, **asked)
        return Response(payout_json(selectors.get_payout(payout_id, caller)))


class PayoutCancelView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payouts_cancel",
        tags=TAGS,
        summary="Call a draft off",
        request=s.PayoutReasonRequest,
        responses={200: PayoutDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REASON_REQUEST, PAYOUT_ANSWER],
    )
    @idempotent
    def post(self, request: Request, payout_id: int) -> Response:
        """The amount goes back to the merchant's balance."""
        asked, caller = read(s.PayoutReasonRequest, request.data), get_caller(request)
        services.cancel_payout(payout_id=payout_id, actor=caller, **asked)
        return Response(payout_json(selectors.get_payout(payout_id, caller)))
