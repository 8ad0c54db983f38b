"""Shops: looking at them, opening one, keeping it, and what operators do to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated, IsAuthenticatedOrReadOnly, IsOperator
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.merchants import examples
from karvon.api.v1.merchants.serializers import (
    MembershipDetail,
    MerchantDetail,
    MerchantListQuery,
    MerchantReasonRequest,
    MerchantRegisterRequest,
    MerchantStepDetail,
    MerchantSummary,
    MerchantSuspendRequest,
    MerchantUpdateRequest,
)
from karvon.merchants import selectors, services
from karvon.merchants.inputs import MerchantInput
from karvon.merchants.models import Merchant, MerchantStep


class MerchantListView(GenericAPIView[Merchant]):
    permission_classes = [IsAuthenticatedOrReadOnly]
    serializer_class = MerchantSummary

    @extend_schema(
        operation_id="merchants_list",
        tags=["merchants"],
        summary="Merchants",
        parameters=[MerchantListQuery],
        responses={200: MerchantSummary(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.MERCHANT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Active ones; one's own in any state; all of them for operators."""
        query = MerchantListQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = self.paginate_queryset(selectors.list_merchants(request.user, **query.validated_data))
        return self.get_paginated_response(MerchantSummary(page, many=True).data)

    @extend_schema(
        operation_id="merchants_create",
        tags=["merchants"],
        summary="Open a shop",
        request=MerchantRegisterRequest,
        responses={201: MerchantDetail, **errors(400, 401, 409, 429)},
        examples=[examples.MERCHANT_REQUEST, examples.MERCHANT_FULL_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """The caller becomes its owner; it has a default branch of its name."""
        body = MerchantRegisterRequest(data=request.data)
        body.is_valid(raise_exception=True)
        merchant = services.register_merchant(
            owner=get_caller(request), merchant=MerchantInput(**body.validated_data)
        )
        return Response(MerchantDetail(merchant).data, status=status.HTTP_201_CREATED)


class MerchantView(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(
        operation_id="merchants_retrieve",
        tags=["merchants"],
        summary="A merchant, by id or username",
        responses={200: MerchantDetail, **errors(401, 404, 429)},
        examples=[examples.MERCHANT_FULL_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """Suspended and closed ones are there for their own people and operators only."""
        return Response(MerchantDetail(selectors.get_merchant(request.user, key)).data)

    @extend_schema(
        operation_id="merchants_partial_update",
        tags=["merchants"],
        summary="Change the own shop",
        request=MerchantUpdateRequest,
        responses={200: MerchantDetail, **errors(400, 401, 403, 404, 429)},
        examples=[examples.MERCHANT_UPDATE, examples.MERCHANT_FULL_ANSWER],
    )
    def patch(self, request: Request, key: str) -> Response:
        """The owner and operators. `description` is in the language of the request."""
        body = MerchantUpdateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        merchant = services.update_merchant(
            actor=get_caller(request), merchant_id=selectors.get_merchant_id(key), changes=body.validated_data
        )
        return Response(MerchantDetail(merchant).data)

    @extend_schema(
        operation_id="merchants_destroy",
        tags=["merchants"],
        summary="Delete a merchant",
        parameters=[MerchantReasonRequest],
        request=None,
        responses={204: None, **errors(400, 401, 403, 404, 429)},
    )
    def delete(self, request: Request, key: str) -> Response:
        """Operators, for good. It leaves windows and lists; its username stays taken, orders and books stay."""
        query = MerchantReasonRequest(data=request.query_params)
        query.is_valid(raise_exception=True)
        services.delete_merchant(
            actor=get_caller(request), merchant_id=selectors.get_merchant_id(key), **query.validated_data
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class MerchantTimelineView(GenericAPIView[MerchantStep]):
    permission_classes = [IsAuthenticated]
    serializer_class = MerchantStepDetail

    @extend_schema(
        operation_id="merchants_timeline",
        tags=["merchants"],
        summary="What a merchant has been through",
        responses={200: MerchantStepDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.STEP_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """Its states and those of its papers, the newest first. The owner, managers and operators."""
        steps = selectors.list_steps(get_caller(request), selectors.get_merchant_id(key))
        page = self.paginate_queryset(steps)
        return self.get_paginated_response(MerchantStepDetail(page, many=True).data)


class _StateView(APIView):
    """One change of state."""

    change: ClassVar[Callable[..., Merchant]]
    body: ClassVar[type[MerchantReasonRequest | MerchantSuspendRequest]] = MerchantReasonRequest

    def _answer(self, request: Request, key: str) -> Response:
        body = self.body(data=request.data)
        body.is_valid(raise_exception=True)
        merchant = type(self).change(
            actor=get_caller(request), merchant_id=selectors.get_merchant_id(key), **body.validated_data
        )
        return Response(MerchantDetail(merchant).data)


class MerchantSuspendView(_StateView):
    permission_classes = [IsOperator]
    change = staticmethod(services.suspend_merchant)
    body = MerchantSuspendRequest

    @extend_schema(
        operation_id="merchants_suspend",
        tags=["merchants"],
        summary="Suspend a merchant",
        request=MerchantSuspendRequest,
        responses={200: MerchantDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.SUSPENSION, examples.MERCHANT_FULL_ANSWER],
    )
    def post(self, request: Request, key: str) -> Response:
        """Operators. Its products leave the windows, its people write nothing, nobody orders; running orders go on."""
        return self._answer(request, key)


class MerchantActivateView(_StateView):
    permission_classes = [IsOperator]
    change = staticmethod(services.activate_merchant)

    @extend_schema(
        operation_id="merchants_activate",
        tags=["merchants"],
        summary="Bring a merchant back",
        request=MerchantReasonRequest,
        responses={200: MerchantDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REASON, examples.MERCHANT_FULL_ANSWER],
    )
    def post(self, request: Request, key: str) -> Response:
        """Operators. From suspended or closed."""
        return self._answer(request, key)


class MerchantCloseView(_StateView):
    permission_classes = [IsAuthenticated]
    change = staticmethod(services.close_merchant)

    @extend_schema(
        operation_id="merchants_close",
        tags=["merchants"],
        summary="Give up the own shop",
        request=MerchantReasonRequest,
        responses={200: MerchantDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REASON, examples.MERCHANT_FULL_ANSWER],
    )
    def post(self, request: Request, key: str) -> Response:
        """The owner and operators. Orders and books stay; only an operator can bring it back."""
        return self._answer(request, key)


class MyMerchantsView(PagedView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_users_me_merchants",
        tags=["merchants"],
        summary="Shops the caller owns or works for",
        responses={200: MembershipDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.MEMBERSHIP_ANSWER],
    )
    def get(self, request: Request) -> Response:
        return self.answer_page(
            selectors.list_memberships(get_caller(request)),
            lambda page: list(MembershipDetail(page, many=True).data),
        )
