"""Single lines of the cart."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.api.carts import CART_ID
from karvon.api.doors.taomchi.carts import serializers as s
from karvon.api.links import site_of
from karvon.api.market import examples
from karvon.api.market.carts import MarketCart, MarketCartEndpoint, added_json
from karvon.api.schema import errors
from karvon.carts import services
from karvon.carts.services import Cart
from karvon.kernel.languages import pick_language

TAGS = ["food ordering"]
ADD_REQUEST = OpenApiExample("two of them", value={"product_id": 1, "quantity": 2}, request_only=True)
ADDED_ANSWER = OpenApiExample(
    "line", value=examples.CART["items"][0] | {"cart_id": examples.CART["id"]}, response_only=True
)
CHANGE_REQUEST = OpenApiExample("three", value={"quantity": 3}, request_only=True)
CART_ANSWER = OpenApiExample("cart", value=examples.CART, response_only=True)


class CartAddView(MarketCartEndpoint):
    def body_of(self, request: Request, cart: Cart) -> dict[str, Any]:
        return added_json(cart, language=pick_language(request), site=site_of(request))

    @extend_schema(
        operation_id="food_cart_add",
        tags=TAGS,
        summary="Put something into the cart",
        parameters=[CART_ID],
        request=s.FoodCartAddRequest,
        responses={200: s.FoodCartAdded, **errors(400, 401, 404, 409, 503)},
        examples=[ADD_REQUEST, ADDED_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Answers the line it went into: the same variant with the same modifiers adds up. A guest's first add begins a
        cart (a cookie is set). 409 `insufficient_stock` tells how many are left.
        """
        body = s.FoodCartAddRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked, language = body.validated_data, pick_language(request)
        return self.answer(
            request,
            lambda owner: services.add_line(
                owner,
                variant_id=asked["variant_id"],
                product_id=asked["product_id"],
                quantity=asked["quantity"],
                modifier_ids=asked["modifiers"],
                language=language,
            ),
        )


class CartItemView(MarketCartEndpoint):
    @extend_schema(
        operation_id="food_cart_item_update",
        tags=TAGS,
        summary="Change a line's quantity",
        parameters=[CART_ID],
        request=s.FoodCartChangeRequest,
        responses={200: MarketCart, **errors(400, 401, 404, 409, 503)},
        examples=[CHANGE_REQUEST, CART_ANSWER],
    )
    def patch(self, request: Request, line_id: int) -> Response:
        """0 removes the line."""
        body = s.FoodCartChangeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        quantity, language = body.validated_data["quantity"], pick_language(request)
        return self.answer(
            request,
            lambda owner: services.set_line_quantity(
                owner, line_id=line_id, quantity=quantity, language=language
            ),
        )

    @extend_schema(
        operation_id="food_cart_item_remove",
        tags=TAGS,
        summary="Take a line out",
        parameters=[CART_ID],
        request=None,
        responses={200: MarketCart, **errors(401, 404, 503)},
        examples=[CART_ANSWER],
    )
    def delete(self, request: Request, line_id: int) -> Response:
        """Answers the cart without it."""
        language = pick_language(request)
        return self.answer(
            request, lambda owner: services.remove_line(owner, line_id=line_id, language=language)
        )
