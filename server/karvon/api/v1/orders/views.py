"""Checkout, orders and their parts."""

from __future__ import annotations

import functools
import operator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Model, Prefetch, Q, QuerySet, prefetch_related_objects
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.models import User
from karvon.accounts.names import normalise_phone
from karvon.accounts.permissions import AllowAny, IsAuthenticated, IsMerchantOrOperator, IsOperator
from karvon.accounts.selectors import find_delivery_address
from karvon.api.carts import CART_ID, read_asked_cart
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.orders import examples
from karvon.api.v1.orders import serializers as s
from karvon.api.v1.orders.asking import read_asked_order
from karvon.api.v1.orders.shapes import fulfilment_json, order_detail_json, order_json, timeline_json
from karvon.kernel.idempotency import idempotent
from karvon.kernel.languages import LANGUAGES, pick_language
from karvon.merchants.models import Branch
from karvon.merchants.selectors import merchant_ids_of
from karvon.orders import selectors, services
from karvon.orders.models import Fulfilment

TAGS = ["orders"]
FULFILMENT_TAGS = ["fulfilments"]


# what a placed order's answer says of its parts' sellers, and no more
_SELLERS = Prefetch(
    "branch",
    Branch.objects.select_related("merchant").only(
        "name", *(f"name_{language}" for language in LANGUAGES), "merchant__username", "merchant__name"
    ),
)


def _read(serializer: Any, data: Any) -> dict[str, Any]:
    body = serializer(data=data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _filtered(rows: QuerySet[Any], asked: dict[str, Any], *, numbers: tuple[str, ...]) -> QuerySet[Any]:
    if "date_from" in asked:
        rows = rows.filter(placed_at__gte=datetime.combine(asked["date_from"], time.min, UTC))
    if "date_to" in asked:
        until = datetime.combine(asked["date_to"], time.max, UTC) + timedelta(microseconds=1)
        rows = rows.filter(placed_at__lt=until)
    if "search" in asked:
        fitting = [Q(**{f"{number}__icontains": asked["search"]}) for number in numbers]
        rows = rows.filter(functools.reduce(operator.or_, fitting))
    return rows


def _asked_states(asked: dict[str, Any]) -> list[str]:
    return [asked[name] for name in ("state", "status") if name in asked]


class OrderListView(GenericAPIView[Model]):
    serializer_class = s.OrderBrief

    def get_permissions(self) -> list[BasePermission]:
        """Guests may order; lists are for people with an account."""
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @extend_schema(
        operation_id="orders_list",
        tags=TAGS,
        summary="Orders, newest first",
        parameters=[s.OrderQuery],
        responses={200: s.OrderBrief(many=True), **errors(400, 401, 429)},
        examples=[examples.ORDER_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """A customer's own, a merchant's with a part of theirs (only that part is shown), all for operators."""
        asked = _read(s.OrderQuery, request.query_params)
        caller = get_caller(request)
        theirs = None if caller.is_operator else merchant_ids_of(caller)
        orders = selectors.with_content(selectors.orders_visible_to(caller), merchants=None)
        for state in _asked_states(asked):
            orders = selectors.in_state(orders, state, caller, merchants=theirs)
        page = self.paginate_queryset(_filtered(orders, asked, numbers=("number",)))
        return self.get_paginated_response(
            [
                order_json(order, merchants=None if order.customer_id == caller.pk else theirs)
                for order in page or []
            ]
        )

    @extend_schema(
        operation_id="orders_create",
        tags=TAGS,
        summary="Order what is in the cart",
        parameters=[CART_ID],
        request=s.OrderCreateRequest,
        responses={201: s.OrderPlacedDetail, **errors(400, 401, 404, 409, 429, 503)},
        examples=[examples.CREATE_REQUEST, examples.PLACED_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Send an `Idempotency-Key`. A cart becomes one order, however often it is sent.

        409 `price_changed` tells the new total when `expected_total` is no longer right; `insufficient_stock` how many
        are left.
        """
        placed = services.place_order(command=_command(request)).order
        parts = list(placed.fulfilments.all())
        prefetch_related_objects(parts, _SELLERS)
        for part in parts:
            part.merchant = part.branch.merchant
        return Response(order_detail_json(placed) | {"token": placed.token}, status=status.HTTP_201_CREATED)


def _command(request: Request) -> services.PlaceOrder:
    asked = _read(s.OrderCreateRequest, request.data)
    customer = get_caller(request) if request.user.is_authenticated else None
    contact = asked["contact"] or {}
    phone = contact.get("phone", "")
    return services.PlaceOrder(
        owner=read_asked_cart(request).owner,
        customer=customer,
        payment_method=asked["payment_method"],
        delivery_type=asked["delivery_type"],
        contact_name=contact.get("name", ""),
        contact_phone=normalise_phone(phone, field="contact.phone") if phone else "",
        contact_email=contact.get("email", ""),
        delivery_address=_address(asked, customer) if asked["delivery_type"] == "delivery" else {},
        branch_id=asked["branch_id"],
        note=asked["note"],
        scheduled_for=asked["scheduled_for"],
        expected_total=asked["expected_total"],
        language=pick_language(request),
    )


def _address(asked: dict[str, Any], customer: User | None) -> dict[str, Any]:
    """Where to bring it: as spelled out, one of the customer's own, or the default of these."""
    address_id, spelled_out = asked["address_id"], asked["delivery_address"]
    if address_id is None and spelled_out:
        return {name: value for name, value in spelled_out.items() if value}
    return find_delivery_address(customer, address_id)


class OrderView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        """A guest reads with the order's token."""
        return [IsAuthenticated() if self.request.method in ("PUT", "PATCH") else AllowAny()]

    @extend_schema(
        operation_id="orders_retrieve",
        tags=TAGS,
        summary="One order",
        parameters=[s.OrderTokenQuery],
        responses={200: s.OrderDetail, **errors(400, 401, 404, 429)},
        examples=[examples.DETAIL_ANSWER],
    )
    def get(self, request: Request, order_id: int) -> Response:
        """404 for strangers. Guests send the `token` they got when ordering."""
        order, scope = read_asked_order(request, order_id)
        return Response(order_detail_json(order, merchants=scope))

    @extend_schema(
        operation_id="orders_update",
        tags=TAGS,
        summary="Take an order to another state",
        request=s.OrderAdvanceRequest,
        responses={200: s.OrderDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.ADVANCE_REQUEST, examples.DETAIL_ANSWER],
    )
    def put(self, request: Request, order_id: int) -> Response:
        """All parts for operators, its own parts for a merchant; along the state machine only (409). A customer may not
        (403): calling off is `cancel`.
        """
        return self._advance(request, order_id)

    @extend_schema(
        operation_id="orders_partial_update",
        tags=TAGS,
        summary="Take an order to another state",
        request=s.OrderAdvanceRequest,
        responses={200: s.OrderDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.ADVANCE_REQUEST, examples.DETAIL_ANSWER],
    )
    def patch(self, request: Request, order_id: int) -> Response:
        """The same as PUT."""
        return self._advance(request, order_id)

    def _advance(self, request: Request, order_id: int) -> Response:
        asked = _read(s.OrderAdvanceRequest, request.data)
        caller = get_caller(request)
        services.advance_order(order_id=order_id, to=asked["status"], actor=caller, reason=asked["reason"])
        order = selectors.get_order(order_id, caller)
        return Response(order_detail_json(order, merchants=selectors.scope_of(caller, order)))


class OrderCancelView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="orders_cancel",
        tags=TAGS,
        summary="Call an order off",
        parameters=[s.OrderTokenQuery],
        request=s.OrderCancelRequest,
        responses={200: s.OrderDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.CANCEL_REQUEST, examples.DETAIL_ANSWER],
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Customers (guests with their `token`) may while no part is being prepared. A merchant calls its own parts off,
        operators all that goes on; an order that was not paid yet is called off whole. Stock comes back.
        """
        asked = _read(s.OrderCancelRequest, request.data)
        read_asked_order(request, order_id)
        token = request.query_params.get("token")
        services.cancel_order(
            order_id=order_id,
            actor=get_caller(request) if request.user.is_authenticated else None,
            reason=asked["reason"],
            is_holder=bool(token),
        )
        order, scope = read_asked_order(request, order_id)
        return Response(order_detail_json(order, merchants=scope))


class OrderPaidView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="orders_mark_paid",
        tags=TAGS,
        summary="Book a payment by hand",
        request=s.OrderPaidRequest,
        responses={200: s.OrderDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.PAID_REQUEST, examples.DETAIL_ANSWER],
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """For bank transfers and what was paid in a shop: books `amount_due`. Doing it again changes nothing; 409 for an
        order that was called off without having been paid.
        """
        asked = _read(s.OrderPaidRequest, request.data)
        caller = get_caller(request)
        services.confirm_payment(order_id=order_id, actor=caller, reference=asked["reference"])
        return Response(order_detail_json(selectors.get_order(order_id, caller)))


class OrderRefundView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="orders_refund",
        tags=TAGS,
        summary="Record a refund",
        request=s.OrderPaidRequest,
        responses={200: s.OrderDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.PAID_REQUEST, examples.DETAIL_ANSWER],
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """The customer has `refund_due` back. 409 `nothing_to_refund` when nothing is due, and so the second time."""
        asked, caller = _read(s.OrderPaidRequest, request.data), get_caller(request)
        services.record_refund(order_id=order_id, actor=caller, reference=asked["reference"])
        return Response(order_detail_json(selectors.get_order(order_id, caller)))


class OrderReorderView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="orders_reorder",
        tags=TAGS,
        summary="The same again",
        parameters=[CART_ID, s.OrderTokenQuery],
        request=None,
        responses={200: s.OrderReorderDetail, **errors(400, 401, 404, 429, 503)},
        examples=[examples.REORDER_ANSWER],
    )
    def post(self, request: Request, order_id: int) -> Response:
        """Puts what can still be bought into the cart and tells what cannot."""
        order, _scope = read_asked_order(request, order_id)
        missing = services.reorder(
            order=order, owner=read_asked_cart(request).owner, language=pick_language(request)
        )
        return Response({"missing": missing})


class OrderTimelineView(PagedView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="orders_timeline",
        tags=TAGS,
        summary="What happened to an order",
        parameters=[s.OrderTokenQuery],
        responses={200: s.OrderEventDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.TIMELINE_ANSWER],
    )
    def get(self, request: Request, order_id: int) -> Response:
        """Oldest first."""
        order, scope = read_asked_order(request, order_id)
        return self.answer_page(timeline_json(order, merchants=scope), list)


class FulfilmentListView(GenericAPIView[Fulfilment]):
    permission_classes = [IsMerchantOrOperator]
    serializer_class = s.FulfilmentDetail

    @extend_schema(
        operation_id="fulfilments_list",
        tags=FULFILMENT_TAGS,
        summary="Parts of orders to hand over",
        parameters=[s.FulfilmentQuery],
        responses={200: s.FulfilmentDetail(many=True), **errors(400, 401, 403, 429)},
        examples=[examples.FULFILMENT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """A merchant's own; all for operators. `search` looks into the part's number and the order's."""
        asked = _read(s.FulfilmentQuery, request.query_params)
        parts = selectors.fulfilments_visible_to(get_caller(request)).prefetch_related("lines")
        for state in _asked_states(asked):
            parts = parts.filter(state=state)
        page = self.paginate_queryset(_filtered(parts, asked, numbers=("number", "order__number")))
        return self.get_paginated_response([fulfilment_json(part) for part in page or []])


class FulfilmentView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="fulfilments_retrieve",
        tags=FULFILMENT_TAGS,
        summary="One part of an order",
        responses={200: s.FulfilmentDetail, **errors(401, 403, 404, 429)},
        examples=[examples.FULFILMENT_ANSWER],
    )
    def get(self, request: Request, fulfilment_id: int) -> Response:
        """404 for another merchant's."""
        return Response(fulfilment_json(selectors.get_fulfilment(fulfilment_id, get_caller(request))))


class FulfilmentTransitionView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="fulfilments_transition",
        tags=FULFILMENT_TAGS,
        summary="Take a part to another state",
        request=s.FulfilmentTransitionRequest,
        responses={200: s.FulfilmentDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.TRANSITION_REQUEST, examples.FULFILMENT_ANSWER],
    )
    @idempotent
    def post(self, request: Request, fulfilment_id: int) -> Response:
        """Along the state machine only (409)."""
        asked = _read(s.FulfilmentTransitionRequest, request.data)
        caller = get_caller(request)
        services.transition_fulfilment(fulfilment_id=fulfilment_id, actor=caller, **asked)
        return Response(fulfilment_json(selectors.get_fulfilment(fulfilment_id, caller)))


class FulfilmentCancelLinesView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="fulfilments_cancel_lines",
        tags=FULFILMENT_TAGS,
        summary="Call single units off",
        request=s.FulfilmentCancelLinesRequest,
        responses={200: s.FulfilmentDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.CANCEL_LINES_REQUEST, examples.FULFILMENT_ANSWER],
    )
    @idempotent
    def post(self, request: Request, fulfilment_id: int) -> Response:
        """Stock comes back; calling off the last unit calls off the part."""
        asked = _read(s.FulfilmentCancelLinesRequest, request.data)
        caller = get_caller(request)
        services.cancel_lines(
            fulfilment_id=fulfilment_id, quantities=asked["lines"], actor=caller, reason=asked["reason"]
        )
        return Response(fulfilment_json(selectors.get_fulfilment(fulfilment_id, caller)))
