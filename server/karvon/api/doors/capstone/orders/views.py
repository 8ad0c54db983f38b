"""Orders of carts: a customer's own, all for administrators."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.models import User
from karvon.accounts.permissions import IsAuthenticated, IsOperator
from karvon.accounts.selectors import find_delivery_address
from karvon.api.doors.capstone.letters import PAYMENT_STATES
from karvon.api.doors.capstone.orders import serializers as s
from karvon.api.doors.capstone.orders.shapes import order_json
from karvon.api.doors.capstone.pages import StorePagedView
from karvon.api.schema import errors
from karvon.carts.owner import CartOwner
from karvon.kernel.idempotency import idempotent
from karvon.kernel.languages import pick_language
from karvon.orders import selectors, services
from karvon.orders.models import DeliveryType, PaymentMethod

TAGS = ["storefront"]
ORDER = {
    "id": 7431298743210,
    "number": "260301-7K3F9001",
    "customer": 12,
    "placed_at": "2026-03-01T14:30:00Z",
    "payment_status": "P",
    "status": "pending",
    "items": [
        {
            "id": 31,
            "product": {"id": 1, "title": "Bread of the day", "unit_price": "4500.00"},
            "unit_price": "4500.00",
            "quantity": 2,
            "total_price": "9000.00",
        }
    ],
    "total": "9000.00",
    "currency": "UZS",
}
ANSWER = OpenApiExample("order", value=ORDER, response_only=True)
_CREATE = OpenApiExample(
    "of a cart", value={"cart_id": "6f0c9f0e-4f0b-4f43-9c0f-1f1f3b6f2b11"}, request_only=True
)
_PATCH = OpenApiExample("paid", value={"payment_status": "C"}, request_only=True)


class OrderListView(StorePagedView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="store_orders_list",
        tags=TAGS,
        summary="Orders",
        responses={200: s.StoreOrder(many=True), **errors(400, 401, 404)},
        examples=[ANSWER],
    )
    def get(self, request: Request) -> Response:
        """The caller's own, newest first; all of them for administrators."""
        orders = selectors.with_lines(selectors.orders_placed_by(request.user))
        return self.answer_page(orders, lambda page: [order_json(each) for each in page])

    @extend_schema(
        operation_id="store_orders_create",
        tags=TAGS,
        summary="Order a cart",
        request=s.StoreOrderRequest,
        responses={201: s.StoreOrder, **errors(400, 401, 404, 409, 503)},
        examples=[_CREATE, ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Goods are taken, and the cart is gone. They are brought to the customer's default address; without an address
        they are to be picked up.
        """
        body = s.StoreOrderRequest(data=request.data)
        body.is_valid(raise_exception=True)
        placed = services.place_order(command=_command(request, body.validated_data["cart_id"]))
        return Response(order_json(placed.order), status=status.HTTP_201_CREATED)


def _command(request: Request, cart_id: UUID) -> services.PlaceOrder:
    customer: User = get_caller(request)
    address = find_delivery_address(customer)
    return services.PlaceOrder(
        owner=CartOwner(cart_id=cart_id),
        customer=customer,
        payment_method=PaymentMethod.RAZORPAY,
        delivery_type=DeliveryType.DELIVERY if address else DeliveryType.PICKUP,
        delivery_address=address,
        language=pick_language(request),
        channel="storefront",
    )


class OrderView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        """Only administrators say what was paid."""
        return [IsOperator() if self.request.method == "PATCH" else IsAuthenticated()]

    @extend_schema(
        operation_id="store_orders_retrieve",
        tags=TAGS,
        summary="One order",
        responses={200: s.StoreOrder, **errors(401, 404)},
        examples=[ANSWER],
    )
    def get(self, request: Request, order_id: int) -> Response:
        """404 for anybody else's."""
        return Response(order_json(selectors.get_placed_order(order_id, request.user)))

    @extend_schema(
        operation_id="store_orders_partial_update",
        tags=TAGS,
        summary="Say how the payment stands",
        request=s.StorePaymentStatusRequest,
        responses={200: s.StoreOrder, **errors(400, 401, 403, 404, 409)},
        examples=[_PATCH, ANSWER],
    )
    def patch(self, request: Request, order_id: int) -> Response:
        """C books the payment; F calls a waiting order off, and its goods come back. Saying what is so already changes
        nothing; 409 for what has been decided otherwise.
        """
        body = s.StorePaymentStatusRequest(data=request.data)
        body.is_valid(raise_exception=True)
        state = PAYMENT_STATES[body.validated_data["payment_status"]]
        services.judge_payment(order_id=order_id, to=state, actor=get_caller(request))
        return Response(order_json(selectors.get_placed_order(order_id, request.user)))
