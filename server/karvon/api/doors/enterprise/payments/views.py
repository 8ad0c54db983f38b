"""Paying by card at Stripe: a page to pay on, and what Stripe tells."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny
from karvon.api.callbacks import ProviderListener, hear
from karvon.api.doors.enterprise.payments import serializers as s
from karvon.api.market.orders import get_asked_order
from karvon.api.schema import errors
from karvon.kernel.idempotency import idempotent_in_steps
from karvon.payments.services import begin_payment_of

TAGS = ["marketplace"]
PROVIDER = "stripe"
SESSION_REQUEST = OpenApiExample("order", value={"order_id": 7391054488120611}, request_only=True)
SESSION_ANSWER = OpenApiExample(
    "session",
    value={"url": "https://checkout.stripe.com/c/pay/cs_test_a1B2", "session_id": "cs_test_a1B2"},
    response_only=True,
)
EVENT_REQUEST = OpenApiExample(
    "paid",
    value={
        "id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": False,
        "data": {
            "object": {
                "id": "cs_test_a1B2", "object": "checkout.session", "mode": "payment", "status": "complete",
                "payment_status": "paid", "payment_intent": "pi_1", "amount_total": 1000000000, "currency": "uzs",
                "client_reference_id": "7391054488120611", "metadata": {"order_id": "7391054488120611"},
            }
        },
    },
    request_only=True,
)  # fmt: skip
RECEIVED_ANSWER = OpenApiExample("received", value={"received": True}, response_only=True)


class CheckoutSessionView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="sku_checkout_session_create",
        tags=TAGS,
        summary="A page to pay an order on",
        request=s.SkuSessionRequest,
        responses={200: s.SkuSession, **errors(400, 401, 404, 409, 502, 503)},
        examples=[SESSION_REQUEST, SESSION_ANSWER],
    )
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        """Asked for again it is the same page, as long as that is open. 404 for others' orders; 409 `not_payable` for one that
        waits for no payment; 503 `provider_unavailable` where the shop has no account with Stripe, or Stripe does not answer.
        """
        body = s.SkuSessionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        order = get_asked_order(request, asked["order_id"], asked.get("token")).order
        payment = begin_payment_of(order=order, provider=PROVIDER)
        return Response({"url": payment.next_step["url"], "session_id": payment.reference})


class StripeWebhookView(ProviderListener):
    @extend_schema(
        operation_id="sku_stripe_webhook",
        tags=TAGS,
        summary="What Stripe tells",
        request=s.SkuStripeEvent,
        responses={200: s.SkuStripeReceived, **errors(400, 413, 503)},
        examples=[EVENT_REQUEST, RECEIVED_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> HttpResponse:
        """The same as `/api/v1/payments/callbacks/stripe/`. 400 `signature_invalid` for every event that is not signed with the
        shop's secret, is older than five minutes, or is of the other mode; nothing changes then.
        """
        return hear(request._request, PROVIDER)
