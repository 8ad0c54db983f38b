"""Paying by card. This server has no account with a provider, so no page to pay on and no secret to check events with."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny
from karvon.api.doors.enterprise.payments import serializers as s
from karvon.api.market.orders import get_asked_order
from karvon.api.schema import errors
from karvon.orders.services.online import begin_payment_of, confirm_by_signature

TAGS = ["marketplace"]
SESSION_REQUEST = OpenApiExample("order", value={"order_id": 7391054488120611}, request_only=True)
SESSION_ANSWER = OpenApiExample(
    "session",
    value={"url": "https://checkout.stripe.com/c/pay/cs_test_a1B2", "session_id": "cs_test_a1B2"},
    response_only=True,
)
EVENT_REQUEST = OpenApiExample(
    "paid", value={"id": "evt_1", "type": "checkout.session.completed"}, request_only=True
)
RECEIVED_ANSWER = OpenApiExample("received", value={"received": True}, response_only=True)


class CheckoutSessionView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="sku_checkout_session_create",
        tags=TAGS,
        summary="A page to pay an order on",
        request=s.SkuSessionRequest,
        responses={200: s.SkuSession, **errors(400, 401, 404, 409, 503)},
        examples=[SESSION_REQUEST, SESSION_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """404 for others' orders; 409 `not_payable` for one that waits for no payment; 503 `provider_unavailable` where the
        shop takes no cards.
        """
        body = s.SkuSessionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        begin_payment_of(order=get_asked_order(request, asked["order_id"], asked.get("token")).order)


class StripeWebhookView(APIView):
    """Whoever sends something here proves by its signature that it is the provider: no token is looked at."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="sku_stripe_webhook",
        tags=TAGS,
        summary="What the card provider tells",
        request=s.SkuStripeEvent,
        responses={200: s.SkuStripeReceived, **errors(400)},
        examples=[EVENT_REQUEST, RECEIVED_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """400 `signature_invalid` for every event that is not signed with the secret of this shop, and so for all of
        them where the shop has none. Nothing changes.
        """
        confirm_by_signature(field="Stripe-Signature")
