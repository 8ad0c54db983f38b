"""Payments through Razorpay: begun here, paid in its Checkout, believed when Razorpay says so."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated
from karvon.api.callbacks import ProviderListener, hear
from karvon.api.doors.capstone.payments import serializers as s
from karvon.api.doors.capstone.payments.shapes import intent_json, state_json, verified_json
from karvon.api.schema import errors
from karvon.kernel.idempotency import idempotent_in_steps
from karvon.orders.selectors import get_placed_order
from karvon.payments import services
from karvon.payments.selectors import list_payments_of

TAGS = ["storefront"]
PROVIDER = "razorpay"
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
    "state",
    value={
        "order_id": _ORDER,
        "payment_status": "P",
        "payments": [{"id": 7431298743377, "provider": PROVIDER, "status": "pending", "amount": "9000.00"}],
    },
    response_only=True,
)
_RECEIVED = OpenApiExample("received", value={"received": True}, response_only=True)
_EVENT = OpenApiExample("captured", value={"event": "payment.captured", "payload": {}}, request_only=True)


class IntentView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="store_payments_create_intent",
        tags=TAGS,
        summary="Begin a payment",
        request=s.StoreIntentRequest,
        responses={200: s.StoreIntent, **errors(400, 401, 404, 409, 502, 503)},
        examples=[_INTENT_REQUEST, _INTENT],
    )
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        """What Razorpay's Checkout needs; begun again it is the same order there, until it is paid.

        404 for anybody else's order, 409 `not_payable` for one that waits for no payment; 503 `provider_unavailable` where
        Razorpay is not connected, or does not answer.
        """
        body = s.StoreIntentRequest(data=request.data)
        body.is_valid(raise_exception=True)
        payment = services.begin_payment(
            order_id=body.validated_data["order_id"], provider=PROVIDER, payer=get_caller(request)
        )
        return Response(intent_json(payment))


class VerifyView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="store_payments_verify",
        tags=TAGS,
        summary="Confirm a payment by its signature",
        request=s.StoreVerifyPaymentRequest,
        responses={200: s.StorePaid, **errors(400, 401, 404, 409, 502, 503)},
        examples=[_VERIFY, _PAID],
    )
    def post(self, request: Request) -> Response:
        """The signature tells that the two ids belong together; Razorpay is asked whether the money is there. `paid` when it
        is, else how the payment stands (`pending`, `authorized`).

        400 `signature_invalid` for whatever Razorpay has not signed; 404 for anybody else's payment.
        """
        body = s.StoreVerifyPaymentRequest(data=request.data)
        body.is_valid(raise_exception=True)
        signed = body.validated_data
        payment = services.confirm_return(
            provider=PROVIDER,
            reference=signed["razorpay_order_id"],
            charge_reference=signed["razorpay_payment_id"],
            signature=signed["razorpay_signature"],
            payer=get_caller(request),
        )
        return Response(verified_json(payment))


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
        order = get_placed_order(order_id, get_caller(request))
        return Response(state_json(order, list_payments_of(order.pk)))


class WebhookView(ProviderListener):
    """As `/api/v1/payments/callbacks/razorpay/`, for cabinets in which this address stands."""

    @extend_schema(
        operation_id="store_payments_webhook",
        tags=TAGS,
        summary="Hear from the provider",
        request=s.StoreWebhookRequest,
        responses={200: s.StoreReceived, **errors(400, 409, 413, 503)},
        examples=[_EVENT, _RECEIVED],
        auth=[],
    )
    def post(self, request: Request) -> HttpResponse:
        """400 `signature_invalid` for whatever the provider has not signed in `X-Razorpay-Signature`."""
        return hear(request._request, PROVIDER)
