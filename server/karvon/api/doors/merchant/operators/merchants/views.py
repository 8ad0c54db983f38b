"""Merchants as operators see them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperator
from karvon.api.doors.merchant.me.examples import MERCHANT_ANSWER
from karvon.api.doors.merchant.operators.merchants import examples
from karvon.api.doors.merchant.operators.merchants.serializers import (
    OperatorActivateRequest,
    OperatorKycRequest,
    OperatorMerchantQuery,
    OperatorSuspendRequest,
)
from karvon.api.doors.merchant.shapes import MerchantDoorMerchant, merchant_json
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.merchants import selectors, services


class OperatorMerchantListView(PagedView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="operator_merchants_list",
        tags=["operators"],
        summary="Merchants",
        parameters=[OperatorMerchantQuery],
        responses={200: MerchantDoorMerchant(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[MERCHANT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """All but deleted ones, the newest first unless `ordering` says otherwise."""
        query = OperatorMerchantQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return self.answer_page(
            selectors.list_for_operators(**query.validated_data),
            lambda page: [merchant_json(merchant, request) for merchant in page],
        )


class OperatorMerchantView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="operator_merchants_destroy",
        tags=["operators"],
        summary="Delete a merchant",
        request=None,
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, merchant_id: int) -> Response:
        """For good: out of windows and lists; orders and books stay."""
        services.delete_merchant(actor=get_caller(request), merchant_id=merchant_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OperatorSuspendView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="operator_merchants_suspend",
        tags=["operators"],
        summary="Suspend a merchant",
        request=OperatorSuspendRequest,
        responses={200: MerchantDoorMerchant, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.SUSPEND, MERCHANT_ANSWER],
    )
    def post(self, request: Request, merchant_id: int) -> Response:
        """The store is closed and its people cannot write; running orders go on."""
        body = OperatorSuspendRequest(data=request.data)
        body.is_valid(raise_exception=True)
        merchant = services.suspend_merchant(
            actor=get_caller(request), merchant_id=merchant_id, **body.validated_data
        )
        return Response(merchant_json(merchant, request))


class OperatorActivateView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="operator_merchants_activate",
        tags=["operators"],
        summary="Bring a merchant back",
        request=OperatorActivateRequest,
        responses={200: MerchantDoorMerchant, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.ACTIVATE, MERCHANT_ANSWER],
    )
    def post(self, request: Request, merchant_id: int) -> Response:
        """From suspended or closed."""
        body = OperatorActivateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        merchant = services.activate_merchant(
            actor=get_caller(request), merchant_id=merchant_id, **body.validated_data
        )
        return Response(merchant_json(merchant, request))


class OperatorKycView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="operator_merchants_kyc",
        tags=["operators"],
        summary="Approve or reject a merchant's papers",
        request=OperatorKycRequest,
        responses={200: MerchantDoorMerchant, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.KYC, MERCHANT_ANSWER],
    )
    def post(self, request: Request, merchant_id: int) -> Response:
        """Of papers that wait; 409 for others. The merchant is mailed."""
        body = OperatorKycRequest(data=request.data)
        body.is_valid(raise_exception=True)
        merchant = services.decide_kyc(
            actor=get_caller(request), merchant_id=merchant_id, **body.validated_data
        )
        return Response(merchant_json(merchant, request))
