"""Checkout: the cart becomes an order, and its goods are kept until it is paid."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny
from karvon.accounts.selectors import find_delivery_address
from karvon.api.carts import CART_ID, owner_at_checkout
from karvon.api.doors.enterprise.checkout.serializers import SkuCheckoutRequest
from karvon.api.market import examples
from karvon.api.market.checkout import buyer_of, contact_of
from karvon.api.market.orders import MarketPlacedOrder, placed_json
from karvon.api.schema import errors
from karvon.kernel.idempotency import idempotent
from karvon.kernel.languages import pick_language
from karvon.orders import services
from karvon.orders.models import DeliveryType
from karvon.orders.tracking import track_placed

CHECKOUT_REQUEST = OpenApiExample(
    "contact",
    value={
        "full_name": "Aziza Karimova",
        "phone": "+998901234567",
        "address": "Tashkent, Amir Temur 1",
        "email": "aziza@example.com",
    },
    request_only=True,
)
PLACED_ANSWER = OpenApiExample("placed", value=examples.PLACED, response_only=True)


class CheckoutView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="sku_checkout",
        tags=["marketplace"],
        summary="Order what is in the cart",
        parameters=[CART_ID],
        request=SkuCheckoutRequest,
        responses={201: MarketPlacedOrder, **errors(400, 401, 404, 409, 503)},
        examples=[CHECKOUT_REQUEST, PLACED_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Send an `Idempotency-Key`. A cart becomes one order, however often it is sent; an unpaid one gives its goods
        back at `payment.expires_at`. 409 `insufficient_stock` tells how many are left.
        """
        body = SkuCheckoutRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked, customer = body.validated_data, buyer_of(request)
        address = asked["address"] or find_delivery_address(customer)
        placed = services.place_order(
            command=services.PlaceOrder(
                owner=owner_at_checkout(request),
                customer=customer,
                payment_method=asked["payment_method"],
                delivery_type=DeliveryType.DELIVERY if address else DeliveryType.PICKUP,
                delivery_address=address,
                note=asked["note"],
                language=pick_language(request),
                channel="marketplace",
                **contact_of(asked, customer),
            )
        )
        order = placed.order
        return Response(
            placed_json(track_placed(order), request, status=order.state), status=status.HTTP_201_CREATED
        )
