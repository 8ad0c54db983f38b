"""Payments with a provider. None is connected, and each answer says so in the documented way."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import AllowAny, IsAuthenticated
from karvon.api.doors.capstone.letters import PAYMENT_LETTERS
from karvon.api.doors.capstone.payments import serializers as s
from karvon.api.schema import errors
from karvon.orders.models import PaymentState
from karvon.orders.selectors import get_placed_order
from karvon.orders.services import begin_payment, confirm_by_signature

TAGS = ["storefront"]
_ORDER = 7431298743210
_INTENT_REQUEST = OpenApiExample("for an order", value={"order_id": _ORDER}, request_only=True)
_INTENT = OpenApiExample(
    "intent",
    value={
        "razorpay_order_id": "order_N5hYq2",
        "amount": 900000,
        "currency": "INR",
        "key_id": "rzp_test_1",
        "order_id": _ORDER,
    },
    response_only=True,
)
_VERIFY = OpenApiExample(
    "as the widget returns it",
    value={
        "razorpay_order_id": "order_N5hYq2",
        "razorpay_payment_id": "pay_N5hZt7",
        "razorpay_signature": "9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d",
    },
    request_only=True,
)
_PAID = OpenApiExample("paid", value={"status": "paid"}, response_only=True)
_STATE = OpenApiExample(
    "state", value={"order_id": _ORDER, "payment_status": "P", "payments": []}, response_only=True
)
_EVENT = OpenApiExample("captured", value={"event": "payment.captured", "payload": {}}, request_only=True)


class IntentView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="store_payments_create_intent",
        tags=TAGS,
        summary="Begin a payment",
        request=s.StoreIntentRequest,
        responses={200: s.StoreIntent, **errors(400, 401, 404, 409, 503)},
        examples=[_INTENT_REQUEST, _INTENT],
    )
    def post(self, request: Request) -> Response:
        """404 for anybody else's order, 409 for one that waits for no payment; 503 `provider_unavailable` while no
        provider is connected.
        """
        body = s.StoreIntentRequest(data=request.data)
        body.is_valid(raise_exception=True)
        begin_payment(order_id=body.validated_data["order_id"], payer=get_caller(request))


class VerifyView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="store_payments_verify",
        tags=TAGS,
        summary="Confirm a payment by its signature",
        request=s.StoreVerifyPaymentRequest,
        responses={200: s.StorePaid, **errors(400, 401)},
        examples=[_VERIFY, _PAID],
    )
    def post(self, request: Request) -> Response:
        """400 `signature_invalid` for whatever the provider has not signed."""
        body = s.StoreVerifyPaymentRequest(data=request.data)
        body.is_valid(raise_exception=True)
        confirm_by_signature(field="razorpay_signature")


class StatusView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="store_payments_status",
        tags=TAGS,
        summary="How a payment stands",
        responses={200: s.StorePaymentState, **errors(401, 404)},
        examples=[_STATE],
    )
    def get(self, request: Request, order_id: int) -> Response:
        """404 for anybody else's order."""
        order = get_placed_order(order_id, request.user)
        letter = PAYMENT_LETTERS[PaymentState(order.payment_state)]
        return Response({"order_id": order.pk, "payment_status": letter, "payments": []})


class WebhookView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="store_payments_webhook",
        tags=TAGS,
        summary="Hear from the provider",
        request=s.StoreWebhookRequest,
        responses={200: s.StorePaid, **errors(400)},
        examples=[_EVENT, _PAID],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """400 `signature_invalid` for whatever the provider has not signed in `X-Razorpay-Signature`."""
        body = s.StoreWebhookRequest(data=request.data)
        body.is_valid(raise_exception=True)
        confirm_by_signature(field="X-Razorpay-Signature")
