"""Customers and their membership, for the platform's staff."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts import selectors, services
from karvon.accounts.authentication import get_caller
from karvon.accounts.models import User
from karvon.accounts.permissions import IsOperator
from karvon.api.schema import errors
from karvon.api.v1.customers.serializers import CustomerDetail, CustomerQuery, MembershipRequest

TAGS = ["customers"]
_ANSWER = OpenApiExample(
    "customer",
    value={
        "id": 42,
        "email": "aziza@example.com",
        "username": "aziza",
        "phone": "+998901234567",
        "first_name": "Aziza",
        "last_name": "Karimova",
        "birth_date": None,
        "membership": "gold",
        "is_membership_fixed": True,
        "is_active": True,
        "created_at": "2026-01-01T14:30:00Z",
    },
    response_only=True,
)
_REQUEST = OpenApiExample("by hand", value={"membership": "gold"}, request_only=True)


class CustomerListView(GenericAPIView[User]):
    permission_classes = [IsOperator]
    serializer_class = CustomerDetail

    @extend_schema(
        operation_id="customers_list",
        tags=TAGS,
        summary="Customers",
        parameters=[CustomerQuery],
        responses={200: CustomerDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Everybody who is no operator, the newest first; `search` looks into names, mail and phone."""
        query = CustomerQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = self.paginate_queryset(selectors.list_customers(**query.validated_data))
        return self.get_paginated_response(CustomerDetail(page, many=True).data)


class CustomerView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="customers_retrieve",
        tags=TAGS,
        summary="One customer",
        responses={200: CustomerDetail, **errors(401, 403, 404, 429)},
        examples=[_ANSWER],
    )
    def get(self, request: Request, user_id: int) -> Response:
        """404 for operators and closed accounts."""
        return Response(CustomerDetail(selectors.get_customer(user_id)).data)


class MembershipView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="customers_membership_update",
        tags=TAGS,
        summary="Set a membership by hand",
        request=MembershipRequest,
        responses={200: CustomerDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[_REQUEST, _ANSWER],
    )
    def put(self, request: Request, user_id: int) -> Response:
        """It stays until it is handed back with null; then the next nightly count decides."""
        body = MembershipRequest(data=request.data)
        body.is_valid(raise_exception=True)
        user = services.set_membership(actor=get_caller(request), user_id=user_id, **body.validated_data)
        return Response(CustomerDetail(user).data)
