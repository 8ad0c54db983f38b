"""Carts for whoever holds their UUID; no token is needed, and a customer's own cart is not among them."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny
from karvon.api.doors.capstone.carts import serializers as s
from karvon.api.doors.capstone.carts.shapes import cart_json, find_item_json
from karvon.api.schema import errors
from karvon.carts import services
from karvon.carts.owner import CartOwner
from karvon.kernel.languages import pick_language

TAGS = ["storefront"]
_ID = "6f0c9f0e-4f0b-4f43-9c0f-1f1f3b6f2b11"
_ITEM = {
    "id": 2417851639229258,
    "product_id": 1,
    "product": {"id": 1, "title": "Bread of the day", "unit_price": "4500.00"},
    "quantity": 2,
    "total_price": "9000.00",
    "available": True,
    "problem": None,
}
_NEW = OpenApiExample("new cart", value={"id": _ID, "items": [], "total_price": 0}, response_only=True)
_CART = OpenApiExample(
    "cart", value={"id": _ID, "items": [_ITEM], "total_price": "9000.00"}, response_only=True
)
_ITEM_ANSWER = OpenApiExample("item", value=_ITEM, response_only=True)
_ADD = OpenApiExample("two of them", value={"product_id": 1, "quantity": 2}, request_only=True)
_CHANGE = OpenApiExample("three", value={"quantity": 3}, request_only=True)


class CartListView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="store_carts_create",
        tags=TAGS,
        summary="Begin a cart",
        request=None,
        responses={201: s.StoreCart, **errors(401, 503)},
        examples=[_NEW],
    )
    def post(self, request: Request) -> Response:
        """An empty one with an id of its own; nothing needs to be sent."""
        cart = services.create_cart(CartOwner(), language=pick_language(request))
        return Response(cart_json(cart), status=status.HTTP_201_CREATED)


class CartView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="store_carts_retrieve",
        tags=TAGS,
        summary="A cart",
        responses={200: s.StoreCart, **errors(401, 404, 503)},
        examples=[_CART],
    )
    def get(self, request: Request, cart_id: UUID) -> Response:
        """Prices, names and availability are of this moment."""
        owner = CartOwner(cart_id=cart_id)
        return Response(cart_json(services.get_known_cart(owner, language=pick_language(request))))

    @extend_schema(
        operation_id="store_carts_destroy",
        tags=TAGS,
        summary="Throw a cart away",
        responses={204: None, **errors(401, 404, 503)},
    )
    def delete(self, request: Request, cart_id: UUID) -> Response:
        """It is gone for good."""
        services.delete_cart(CartOwner(cart_id=cart_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ItemListView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="store_items_create",
        tags=TAGS,
        summary="Put a product into a cart",
        request=s.StoreItemRequest,
        responses={201: s.StoreItem, **errors(400, 401, 404, 409, 503)},
        examples=[_ADD, _ITEM_ANSWER],
    )
    def post(self, request: Request, cart_id: UUID) -> Response:
        """The same product adds up. 409 `insufficient_stock` tells how many are left."""
        body = s.StoreItemRequest(data=request.data)
        body.is_valid(raise_exception=True)
        cart = services.add_line(
            CartOwner(cart_id=cart_id),
            **body.validated_data,
            language=pick_language(request),
            to_known_cart=True,
        )
        return Response(find_item_json(cart, cart.touched), status=status.HTTP_201_CREATED)


class ItemView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="store_items_partial_update",
        tags=TAGS,
        summary="Change how many",
        request=s.StoreItemChangeRequest,
        responses={200: s.StoreItem, **errors(400, 401, 404, 409, 503)},
        examples=[_CHANGE, _ITEM_ANSWER],
    )
    def patch(self, request: Request, cart_id: UUID, item_id: int) -> Response:
        """From 1; DELETE takes an item out."""
        body = s.StoreItemChangeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        cart = services.set_line_quantity(
            CartOwner(cart_id=cart_id),
            line_id=item_id,
            quantity=body.validated_data["quantity"],
            language=pick_language(request),
        )
        return Response(find_item_json(cart, item_id))

    @extend_schema(
        operation_id="store_items_destroy",
        tags=TAGS,
        summary="Take an item out",
        responses={204: None, **errors(401, 404, 503)},
    )
    def delete(self, request: Request, cart_id: UUID, item_id: int) -> Response:
        """Whatever has become of its product."""
        services.remove_line(CartOwner(cart_id=cart_id), line_id=item_id, language=pick_language(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
