"""The cart of whoever asks: a customer's by the token, a guest's by `X-Cart-ID` or the cookie."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.api.carts import CART_ID
from karvon.api.doors.shared.carts import examples
from karvon.api.doors.shared.carts import serializers as s
from karvon.api.market.carts import MarketCart, MarketCartEndpoint
from karvon.api.schema import errors
from karvon.carts import services
from karvon.carts.owner import CartOwner
from karvon.carts.services import Cart
from karvon.kernel.languages import pick_language

TAGS = ["food ordering", "marketplace"]


class CartView(MarketCartEndpoint):
    @extend_schema(
        operation_id="market_cart_retrieve",
        tags=TAGS,
        summary="The cart",
        parameters=[CART_ID],
        responses={200: MarketCart, **errors(401, 404, 503)},
        examples=[examples.CART_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Prices, names and availability are of this moment."""
        language = pick_language(request)
        return self.answer(request, lambda owner: services.get_cart(owner, language=language))

    @extend_schema(
        operation_id="market_cart_add",
        tags=TAGS,
        summary="Put a variant into the cart",
        parameters=[CART_ID],
        request=s.MarketCartAddRequest,
        responses={200: MarketCart, **errors(400, 401, 404, 409, 503)},
        examples=[examples.ADD_REQUEST, examples.CART_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """A guest's first add begins a cart: its `id` goes into `X-Cart-ID` (a cookie is set too).

        409 `insufficient_stock` tells how many are left.
        """
        body = s.MarketCartAddRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked, language = body.validated_data, pick_language(request)
        return self.answer(
            request,
            lambda owner: services.add_line(
                owner,
                variant_id=asked["variant_id"],
                quantity=asked["quantity"],
                modifier_ids=asked["modifiers"],
                language=language,
            ),
        )

    @extend_schema(
        operation_id="market_cart_clear",
        tags=TAGS,
        summary="Empty the cart, or take one variant out",
        parameters=[CART_ID],
        request=s.MarketCartRemoveRequest,
        responses={200: MarketCart, **errors(400, 401, 404, 503)},
        examples=[examples.REMOVE_REQUEST, examples.CART_ANSWER],
    )
    def delete(self, request: Request) -> Response:
        """`variant_id` may stand in the query as well. 404 when there is no such line."""
        body = s.MarketCartRemoveRequest(data=request.data or request.query_params)
        body.is_valid(raise_exception=True)
        variant_id, language = body.validated_data["variant_id"], pick_language(request)

        def change(owner: CartOwner) -> Cart:
            if variant_id is None:
                return services.clear_cart(owner, language=language)
            return services.remove_variant(owner, variant_id=variant_id, language=language)

        return self.answer(request, change)
