"""The people of a merchant."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated
from karvon.api.schema import errors
from karvon.api.v1.merchants import examples
from karvon.api.v1.merchants.serializers import StaffAddRequest, StaffDetail, StaffUpdateRequest
from karvon.merchants import selectors, services
from karvon.merchants.models import MerchantStaff


class StaffListView(GenericAPIView[MerchantStaff]):
    permission_classes = [IsAuthenticated]
    serializer_class = StaffDetail

    @extend_schema(
        operation_id="merchants_staff_list",
        tags=["merchants"],
        summary="People of a merchant",
        responses={200: StaffDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.STAFF_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """The owner, managers and operators; the owner is not in the list."""
        staff = selectors.list_staff(get_caller(request), selectors.get_merchant_id(key))
        page = self.paginate_queryset(staff)
        return self.get_paginated_response(StaffDetail(page, many=True).data)

    @extend_schema(
        operation_id="merchants_staff_create",
        tags=["merchants"],
        summary="Take somebody on",
        request=StaffAddRequest,
        responses={201: StaffDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.STAFF_REQUEST, examples.STAFF_ANSWER],
    )
    def post(self, request: Request, key: str) -> Response:
        """The owner and managers; only the owner names managers. 409 for somebody who works there already."""
        body = StaffAddRequest(data=request.data)
        body.is_valid(raise_exception=True)
        staff = services.add_staff_by_name(
            actor=get_caller(request),
            merchant_id=selectors.get_merchant_id(key),
            name=body.validated_data["user"],
            role=body.validated_data["role"],
        )
        return Response(StaffDetail(staff).data, status=status.HTTP_201_CREATED)


class StaffView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="merchants_staff_partial_update",
        tags=["merchants"],
        summary="Change a role, suspend or bring back",
        request=StaffUpdateRequest,
        responses={200: StaffDetail, **errors(400, 401, 403, 404, 429)},
        examples=[examples.STAFF_UPDATE, examples.STAFF_ANSWER],
    )
    def patch(self, request: Request, key: str, staff_id: int) -> Response:
        """Suspending ends the person's logins."""
        body = StaffUpdateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        staff = services.update_staff(
            actor=get_caller(request),
            merchant_id=selectors.get_merchant_id(key),
            staff_id=staff_id,
            **body.validated_data,
        )
        return Response(StaffDetail(staff).data)

    @extend_schema(
        operation_id="merchants_staff_destroy",
        tags=["merchants"],
        summary="Let somebody go",
        request=None,
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, key: str, staff_id: int) -> Response:
        """Ends the person's logins: a token of before opens nothing."""
        services.remove_staff(
            actor=get_caller(request), merchant_id=selectors.get_merchant_id(key), staff_id=staff_id
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
