"""Paying an order, looking at payments, giving money back, and what providers tell."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import AllowAny, IsAuthenticated, IsOperator
from karvon.api.callbacks import ProviderListener, hear
from karvon.api.holders import find_asked
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.payments import examples
from karvon.api.v1.payments import serializers as s
from karvon.api.v1.payments.shapes import payment_json, refund_json
from karvon.kernel.idempotency import idempotent, idempotent_in_steps
from karvon.orders.models import Order
from karvon.orders.selectors import get_order_by_token, get_placed_order
from karvon.payments import selectors, services
from karvon.payments.protocol import CallingProvider
from karvon.payments.registry import find_provider

TAGS = ["payments"]


def _read(serializer: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    body = serializer(data=data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _asked_order(request: Request, order_id: int, token: str | None) -> Order:
    return find_asked(
        request,
        token,
        held=lambda token: get_order_by_token(order_id, token),
        own=lambda caller: get_placed_order(order_id, caller),
    )


class PaymentListView(PagedView):
    def get_permissions(self) -> list[BasePermission]:
        """Guests may pay; lists are for people with an account."""
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @extend_schema(
        operation_id="payments_list",
        tags=TAGS,
        summary="Payments, newest first",
        parameters=[s.PaymentQuery],
        responses={200: s.PaymentDetail(many=True), **errors(400, 401, 429)},
        examples=[examples.PAYMENT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """The caller's own; all for operators."""
        asked = _read(s.PaymentQuery, request.query_params)
        payments = selectors.list_payments(get_caller(request)).filter(**asked)
        return self.answer_page(payments, lambda page: [payment_json(each) for each in page])

    @extend_schema(
        operation_id="payments_create",
        tags=TAGS,
        summary="Pay an order",
        request=s.PaymentRequest,
        responses={201: s.PaymentDetail, **errors(400, 401, 404, 409, 429, 502, 503)},
        examples=[examples.PAYMENT_REQUEST, examples.PAYMENT_ANSWER],
    )
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        """`next_step` says how it goes on. Begun again with the same provider it is the same payment.

        404 for others' orders; 409 `not_payable` for one that waits for no payment; 503 `provider_unavailable` where this
        way of paying is not set up, or does not answer.
        """
        asked = _read(s.PaymentRequest, request.data)
        payment = services.begin_payment_of(
            order=_asked_order(request, asked["order_id"], asked.get("token")),
            provider=asked["provider"],
            return_url=asked.get("return_url", ""),
        )
        return Response(payment_json(payment), status=status.HTTP_201_CREATED)


class PaymentView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="payments_retrieve",
        tags=TAGS,
        summary="How a payment stands",
        parameters=[s.PaymentTokenQuery],
        responses={200: s.PaymentDetail, **errors(400, 401, 404, 429)},
        examples=[examples.PAYMENT_ANSWER],
    )
    def get(self, request: Request, payment_id: int) -> Response:
        """404 for others'. Guests send the order's `token`."""
        token = _read(s.PaymentTokenQuery, request.query_params).get("token")
        payment = find_asked(
            request,
            token,
            held=lambda token: selectors.get_payment_by_token(payment_id, token),
            own=lambda caller: selectors.get_payment(payment_id, caller),
        )
        return Response(payment_json(payment))


class PaymentRefundView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payments_refund",
        tags=TAGS,
        summary="Give money of a payment back",
        request=s.RefundRequest,
        responses={201: s.PaymentRefund, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REFUND_REQUEST, examples.REFUND_ANSWER],
    )
    @idempotent
    def post(self, request: Request, payment_id: int) -> Response:
        """What was called off goes back by itself; this is for what did not. 409 `not_refundable` for more than that."""
        asked = _read(s.RefundRequest, request.data)
        refund = services.refund_payment(payment_id=payment_id, actor=get_caller(request), **asked)
        return Response(refund_json(refund), status=status.HTTP_201_CREATED)


class CallbackView(ProviderListener):
    def post(self, request: Request, provider: str, action: str = "", account_key: str = "") -> HttpResponse:
        """In the provider's own protocol. 400 `signature_invalid` for an event that the provider has not signed; it is kept
        for who looks into it, and changes nothing.
        """
        return hear(request._request, provider, action=action, key=account_key)

    def http_method_not_allowed(  # type: ignore[override]
        self, request: Request, *args: Any, **kwargs: Any
    ) -> Any:
        """Providers that call procedures have words of their own for this."""
        if isinstance(find_provider(kwargs["provider"]), CallingProvider):
            return self.post(request, **kwargs)
        raise MethodNotAllowed(request.method or "")


def _documented(operation_id: str, summary: str) -> type[CallbackView]:
    """The same view under another address of the document."""
    documented = extend_schema(
        operation_id=operation_id,
        tags=TAGS,
        summary=summary,
        request={
            "application/json": OpenApiTypes.OBJECT,
            "application/x-www-form-urlencoded": OpenApiTypes.OBJECT,
        },
        responses={200: OpenApiTypes.OBJECT, **errors(400, 404, 413, 415, 503)},
        examples=[examples.EVENT_REQUEST, examples.EVENT_ANSWER],
        auth=[],
    )
    return extend_schema_view(post=documented)(type(f"{operation_id}View", (CallbackView,), {}))


HearProvider = _documented("payments_callback", "What a payment provider tells")
HearProviderCall = _documented("payments_callback_call", "What a payment provider asks to be done")
HearAccount = _documented("payments_account_callback", "What a provider tells a merchant's own account")
HearAccountCall = _documented(
    "payments_account_callback_call", "What a provider asks a merchant's own account"
)
