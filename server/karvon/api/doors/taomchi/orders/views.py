"""Ordering and calling off."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.models import User
from karvon.accounts.permissions import AllowAny
from karvon.accounts.selectors import find_delivery_address
from karvon.api.carts import CART_ID, owner_at_checkout
from karvon.api.doors.taomchi.orders import serializers as s
from karvon.api.market import examples
from karvon.api.market.checkout import buyer_of, contact_of
from karvon.api.market.orders import (
    MarketOrder,
    MarketOrderQuery,
    order_json,
    placed_json,
    read_asked_order,
)
from karvon.api.schema import errors
from karvon.kernel.idempotency import idempotent
from karvon.kernel.languages import pick_language
from karvon.kernel.throttling import caller_of, take_permit
from karvon.orders import services
from karvon.orders.models import DeliveryType, OrderState
from karvon.orders.tracking import track_placed
from karvon.payments.services import begin_as_placed

TAGS = ["food ordering"]
CREATE_REQUEST = OpenApiExample(
    "delivery",
    value={
        "delivery_address": "Tashkent, Amir Temur 1",
        "payment_method": "cash",
        "note": "No onions, please.",
        "full_name": "Aziza Karimova",
        "phone": "+998901234567",
    },
    request_only=True,
)
CANCEL_REQUEST = OpenApiExample("reason", value={"reason": "Changed my mind"}, request_only=True)
_PAYING = examples.PLACED["payment"] | {"payment_id": None, "url": None, "data": None}
PLACED_ANSWER = OpenApiExample("placed", value=examples.PLACED | {"payment": _PAYING}, response_only=True)
ORDER_ANSWER = OpenApiExample("order", value=examples.ORDER, response_only=True)


class OrderCreateView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="food_orders_create",
        tags=TAGS,
        summary="Order what is in the cart",
        parameters=[CART_ID],
        request=s.FoodOrderRequest,
        responses={201: s.FoodPlacedOrder, **errors(400, 401, 404, 409, 503)},
        examples=[CREATE_REQUEST, PLACED_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Send an `Idempotency-Key`. A cart becomes one order, however often it is sent. `status` is "pending" here
        whatever happens next: the order has yet to be paid or to be accepted by the kitchen. `payment` tells where to
        pay it (`url`, or what the provider's own widget needs), null where that is not to be said now: then ask
        `/api/v1/payments/` later.
        """
        return with_payment(self._place(request))

    @idempotent
    def _place(self, request: Request) -> Response:
        """In one transaction with the key; no provider is asked inside of it."""
        body = s.FoodOrderRequest(data=request.data)
        body.is_valid(raise_exception=True)
        if body.validated_data.get("promo_code"):
            take_permit("coupons", caller_of(request))  # codes are not to be guessed by ordering
        placed = services.place_order(command=_command(request, body.validated_data, buyer_of(request)))
        answer = placed_json(track_placed(placed.order), request, status=OrderState.PENDING)
        return Response(answer, status=status.HTTP_201_CREATED)

    # the API document says so of the whole
    post.is_idempotent = True  # type: ignore[attr-defined]


def with_payment(answer: Response) -> Response:
    """The answer to an order with where to pay it; a repeated request gets the same payment."""
    if answer.status_code == status.HTTP_201_CREATED:
        payment = begin_as_placed(order_id=answer.data["order_id"])
        step = payment.next_step if payment is not None else {}
        answer.data["payment"] |= {
            "payment_id": payment.pk if payment is not None else None,
            "url": step.get("url") or None,
            "data": step.get("data") or None,
        }
    return answer


def _command(request: Request, asked: dict[str, Any], customer: User | None) -> services.PlaceOrder:
    return services.PlaceOrder(
        owner=owner_at_checkout(request),
        customer=customer,
        payment_method=asked["payment_method"],
        delivery_type=asked["delivery_type"],
        delivery_address=_address(asked, customer),
        branch_id=asked["branch_id"],
        note=asked["note"],
        promo_code=(asked.get("promo_code") or "").strip(),
        scheduled_for=asked["scheduled_for"],
        language=pick_language(request),
        channel="food_ordering",
        **contact_of(asked, customer),
    )


def _address(asked: dict[str, Any], customer: User | None) -> dict[str, Any]:
    """The place with its point, where one is told; nothing for what is fetched."""
    if asked["delivery_type"] == DeliveryType.PICKUP:
        return {}
    point = asked["location"]
    address = asked["delivery_address"] or find_delivery_address(customer)
    if not address or point is None:
        return address
    return address | {"latitude": f"{point['lat']:.6f}", "longitude": f"{point['lng']:.6f}"}


class OrderCancelView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="food_orders_cancel",
        tags=TAGS,
        summary="Call an order off",
        parameters=[MarketOrderQuery],
        request=s.FoodOrderCancelRequest,
        responses={200: MarketOrder, **errors(400, 401, 404, 409)},
        examples=[CANCEL_REQUEST, ORDER_ANSWER],
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Until the kitchen has accepted it, then 409. Guests send their `token`. Goods and coupons come back."""
        body = s.FoodOrderCancelRequest(data=request.data)
        body.is_valid(raise_exception=True)
        read_asked_order(request, order_id)
        services.withdraw_order(
            order_id=order_id, actor=buyer_of(request), reason=body.validated_data["reason"]
        )
        return Response(order_json(read_asked_order(request, order_id), request))
