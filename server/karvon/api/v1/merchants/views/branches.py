"""Branches, of one merchant and of all."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import AllowAny, IsAuthenticatedOrReadOnly
from karvon.api.schema import errors
from karvon.api.v1.merchants import examples
from karvon.api.v1.merchants.serializers import (
    BranchCreateRequest,
    BranchDetail,
    BranchListQuery,
    BranchUpdateRequest,
)
from karvon.merchants import selectors, services
from karvon.merchants.inputs import BranchInput
from karvon.merchants.models import Branch


class BranchListView(GenericAPIView[Branch]):
    permission_classes = [AllowAny]
    serializer_class = BranchDetail

    @extend_schema(
        operation_id="branches_list",
        tags=["branches"],
        summary="Branches of all merchants",
        parameters=[BranchListQuery],
        responses={200: BranchDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.BRANCH_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Open ones of active merchants."""
        query = BranchListQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        filters = dict(query.validated_data)
        if "merchant" in filters:
            filters["merchant_id"] = selectors.get_merchant(request.user, filters.pop("merchant")).pk
        page = self.paginate_queryset(selectors.list_branches(request.user, **filters))
        return self.get_paginated_response(BranchDetail(page, many=True).data)


class BranchView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="branches_retrieve",
        tags=["branches"],
        summary="A branch",
        responses={200: BranchDetail, **errors(401, 404, 429)},
        examples=[examples.BRANCH_ANSWER],
    )
    def get(self, request: Request, branch_id: int) -> Response:
        """Closed ones are there for the merchant's own people and operators only."""
        return Response(BranchDetail(selectors.get_branch(request.user, branch_id)).data)


class MerchantBranchListView(GenericAPIView[Branch]):
    permission_classes = [IsAuthenticatedOrReadOnly]
    serializer_class = BranchDetail

    @extend_schema(
        operation_id="merchants_branches_list",
        tags=["branches"],
        summary="Branches of a merchant",
        responses={200: BranchDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.BRANCH_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """The default first; closed ones for the merchant's own people and operators only."""
        merchant = selectors.get_merchant(request.user, key)
        page = self.paginate_queryset(selectors.list_branches(request.user, merchant_id=merchant.pk))
        return self.get_paginated_response(BranchDetail(page, many=True).data)

    @extend_schema(
        operation_id="merchants_branches_create",
        tags=["branches"],
        summary="Open a branch",
        request=BranchCreateRequest,
        responses={201: BranchDetail, **errors(400, 401, 403, 404, 429)},
        examples=[examples.BRANCH_REQUEST, examples.BRANCH_ANSWER],
    )
    def post(self, request: Request, key: str) -> Response:
        """The owner, managers and operators."""
        body = BranchCreateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        branch = services.create_branch(
            actor=get_caller(request),
            merchant_id=selectors.get_merchant_id(key),
            branch=BranchInput(**body.validated_data),
        )
        return Response(BranchDetail(branch).data, status=status.HTTP_201_CREATED)


class MerchantBranchView(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(
        operation_id="merchants_branches_retrieve",
        tags=["branches"],
        summary="A branch of a merchant",
        responses={200: BranchDetail, **errors(401, 404, 429)},
        examples=[examples.BRANCH_ANSWER],
    )
    def get(self, request: Request, key: str, branch_id: int) -> Response:
        """404 for another merchant's."""
        merchant_id = selectors.get_merchant_id(key)
        branch = selectors.get_branch(request.user, branch_id, merchant_id=merchant_id)
        return Response(BranchDetail(branch).data)

    @extend_schema(
        operation_id="merchants_branches_partial_update",
        tags=["branches"],
        summary="Change a branch",
        request=BranchUpdateRequest,
        responses={200: BranchDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.BRANCH_UPDATE, examples.BRANCH_ANSWER],
    )
    def patch(self, request: Request, key: str, branch_id: int) -> Response:
        """The owner, managers and operators. The default mark moves by setting it on another branch."""
        body = BranchUpdateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        branch = services.update_branch(
            actor=get_caller(request),
            merchant_id=selectors.get_merchant_id(key),
            branch_id=branch_id,
            changes=body.validated_data,
        )
        return Response(BranchDetail(branch).data)

    @extend_schema(
        operation_id="merchants_branches_destroy",
        tags=["branches"],
        summary="Remove a branch",
        request=None,
        responses={204: None, **errors(401, 403, 404, 409, 429)},
    )
    def delete(self, request: Request, key: str, branch_id: int) -> Response:
        """409 for the default branch and for one with stock or orders: switch that off instead."""
        services.delete_branch(
            actor=get_caller(request), merchant_id=selectors.get_merchant_id(key), branch_id=branch_id
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
