"""Customers: the own profile, and for administrators all of them with what they ordered."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts import selectors, services
from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated, IsOperator
from karvon.api.doors.capstone.customers import serializers as s
from karvon.api.doors.capstone.letters import MEMBERSHIPS
from karvon.api.doors.capstone.orders.serializers import StoreOrder
from karvon.api.doors.capstone.orders.shapes import order_json
from karvon.api.doors.capstone.orders.views import ANSWER as ORDER_ANSWER
from karvon.api.doors.capstone.pages import StorePagedView
from karvon.api.schema import errors
from karvon.orders.selectors import list_orders_of, with_lines

TAGS = ["storefront"]
_ANSWER = OpenApiExample(
    "customer",
    value={
        "id": 12,
        "user_id": 12,
        "username": "aziza",
        "email": "aziza@example.com",
        "first_name": "Aziza",
        "last_name": "Karimova",
        "phone": "+998901234567",
        "birth_date": "1995-04-12",
        "membership": "S",
    },
    response_only=True,
)
_REQUEST = OpenApiExample(
    "profile",
    value={"phone": "+998901234567", "birth_date": "1995-04-12", "membership": "S"},
    request_only=True,
)


class CustomerListView(StorePagedView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="store_customers_list",
        tags=TAGS,
        summary="Customers",
        responses={200: s.StoreCustomer(many=True), **errors(400, 401, 403, 404)},
        examples=[_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Everybody who is no operator, the newest first."""
        return self.answer_page(
            selectors.list_customers(), lambda page: list(s.StoreCustomer(page, many=True).data)
        )


class MeView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="store_customers_me_retrieve",
        tags=TAGS,
        summary="The own profile",
        responses={200: s.StoreCustomer, **errors(401)},
        examples=[_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """`membership` follows from what was bought."""
        return Response(s.StoreCustomer(get_caller(request)).data)

    @extend_schema(
        operation_id="store_customers_me_update",
        tags=TAGS,
        summary="Change the own profile",
        request=s.StoreCustomerRequest,
        responses={200: s.StoreCustomer, **errors(400, 401)},
        examples=[_REQUEST, _ANSWER],
    )
    def put(self, request: Request) -> Response:
        """A `membership` may be sent along; it is taken from staff only."""
        body = s.StoreCustomerRequest(data=request.data)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        membership = MEMBERSHIPS.get(changes.pop("membership", ""))
        user = services.update_customer(user=get_caller(request), changes=changes, membership=membership)
        return Response(s.StoreCustomer(user).data)


class HistoryView(StorePagedView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="store_customers_history",
        tags=TAGS,
        summary="What a customer ordered",
        responses={200: StoreOrder(many=True), **errors(400, 401, 403, 404)},
        examples=[ORDER_ANSWER],
    )
    def get(self, request: Request, user_id: int) -> Response:
        """Newest first."""
        customer = selectors.get_customer(user_id)
        orders = with_lines(list_orders_of(customer.pk))
        return self.answer_page(orders, lambda page: [order_json(each) for each in page])
