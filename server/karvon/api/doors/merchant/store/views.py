"""The public page of a shop, and orders placed there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.names import normalise_phone
from karvon.accounts.permissions import AllowAny
from karvon.api.doors.merchant.bodies import read_body
from karvon.api.doors.merchant.orders.shapes import order_json
from karvon.api.doors.merchant.products.shapes import product_json
from karvon.api.doors.merchant.shapes import store_json
from karvon.api.doors.merchant.store import examples
from karvon.api.doors.merchant.store import serializers as s
from karvon.api.links import site_of
from karvon.api.products.paging import links_of, read_page
from karvon.api.products.parameters import parse_request
from karvon.api.schema import errors
from karvon.carts.owner import CartOwner
from karvon.carts.services import Pick
from karvon.kernel.idempotency import idempotent
from karvon.kernel.languages import pick_language
from karvon.merchants.selectors import get_store
from karvon.orders.models import ConfirmationMethod, DeliveryType, Order
from karvon.orders.services import PlaceOrder, order_at_store
from karvon.orders.whatsapp import whatsapp_order_url

TAGS = ["store"]
_FILTERS = [
    OpenApiParameter("search", OpenApiTypes.STR),
    OpenApiParameter("category", OpenApiTypes.STR, description="id or slug"),
    OpenApiParameter("ordering", OpenApiTypes.STR),
    OpenApiParameter("page", OpenApiTypes.INT),
    OpenApiParameter("page_size", OpenApiTypes.INT),
]


class StorePageView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="store_page_retrieve",
        tags=TAGS,
        summary="A shop and what it sells",
        parameters=_FILTERS,
        responses={200: s.StorePage, **errors(400, 401, 404, 429)},
        examples=[examples.PAGE],
    )
    def get(self, request: Request, username: str) -> Response:
        """Newest first, or by relevance where something is searched. A shop that is suspended is not there."""
        merchant = get_store(username)
        given = request.query_params.copy()
        given.pop("merchant", None)
        asked = parse_request(given, pick_language(request))
        if asked.query is not None:
            query = replace(asked.query, merchant_id=merchant.pk)
            asked = replace(asked, query=query)
        page = read_page(asked, whole=True)
        following, previous = links_of(request._request, asked, page)
        site = site_of(request)
        products = {
            "count": page.count,
            "next": following,
            "previous": previous,
            "results": [product_json(document, site) for document in page.items],
        }
        return Response({"store": store_json(merchant, request), "products": products})


class StoreOrderView(APIView):
    permission_classes = [AllowAny]
    throttle_scope = "guest_orders"

    @extend_schema(
        operation_id="store_page_order",
        tags=TAGS,
        summary="Order from a shop without a cart",
        request=s.StoreOrderRequest,
        responses={201: s.StoreOrder, **errors(400, 401, 404, 409, 429, 503)},
        examples=[examples.REQUEST, examples.PLACED],
    )
    @idempotent
    def post(self, request: Request, username: str) -> Response:
        """Guests and customers. Send an `Idempotency-Key`. 409 `insufficient_stock` tells how many are left."""
        merchant = get_store(username)
        asked = read_body(s.StoreOrderRequest, request)
        order = order_at_store(merchant=merchant, command=_command(request, asked), picks=_picks(asked))
        wants_chat = asked["confirmation_method"] == ConfirmationMethod.WHATSAPP
        chat = whatsapp_order_url(order, merchant) if wants_chat else ""
        answer = order_json(order, site_of(request)) | {
            "tracking_token": order.token,
            "tracking_url": _tracking_url(order),
            "whatsapp_url": chat or None,
        }
        return Response(answer, status=status.HTTP_201_CREATED)


def _command(request: Request, asked: dict[str, Any]) -> PlaceOrder:
    is_delivered = asked["delivery_type"] == DeliveryType.DELIVERY
    return PlaceOrder(
        owner=CartOwner(),
        customer=get_caller(request) if request.user.is_authenticated else None,
        payment_method=asked.get("payment_method", ""),
        delivery_type=asked["delivery_type"],
        contact_name=asked["customer_name"],
        contact_phone=normalise_phone(asked["customer_phone"], field="customer_phone"),
        contact_email=asked["customer_email"],
        delivery_address={"line1": asked["address"]} if is_delivered and asked["address"] else {},
        note=asked["note"],
        confirmation_method=asked["confirmation_method"],
        language=pick_language(request),
        channel="store",
    )


def _picks(asked: dict[str, Any]) -> list[Pick]:
    return [
        Pick(
            quantity=item["quantity"],
            product_id=item["product_id"],
            variant_id=item["variant_id"],
            modifier_ids=tuple(item["modifiers"]),
        )
        for item in asked["items"]
    ]


def _tracking_url(order: Order) -> str:
    address: str = settings.KARVON_ORDER_URL
    return address.format(id=order.pk, token=order.token)
