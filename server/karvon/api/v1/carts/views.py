"""The cart of whoever asks: a customer's by the token, a guest's by `X-Cart-ID` or the cookie."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated
from karvon.api.carts import CART_ID, CartEndpoint, read_asked_cart
from karvon.api.schema import errors
from karvon.api.v1.carts import examples
from karvon.api.v1.carts.serializers import (
    CartAddRequest,
    CartChoiceRequest,
    CartCouponRequest,
    CartDetail,
    CartMergeRequest,
    CartQuery,
    CartUpdateRequest,
)
from karvon.api.v1.carts.shapes import cart_json
from karvon.carts import services
from karvon.carts.owner import CartOwner
from karvon.carts.services import Cart
from karvon.kernel.languages import pick_language

TAGS = ["cart"]


class CartDoor(CartEndpoint):
    """Carts in the shape of this contract."""

    def body_of(self, request: Request, cart: Cart) -> dict[str, Any]:
        return cart_json(cart)


class CartView(CartDoor):
    @extend_schema(
        operation_id="cart_retrieve",
        tags=TAGS,
        summary="The cart",
        parameters=[CART_ID, CartQuery],
        responses={200: CartDetail, **errors(400, 401, 404, 429, 503)},
        examples=[examples.CART_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Prices, names and availability are of this moment.

        A guest who names a cart that does not exist gets an empty one; one that belongs to a customer is 404.
        """
        query = CartQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        language, asked = pick_language(request), query.validated_data

        def show(owner: CartOwner) -> Cart:
            return services.get_cart(
                owner,
                language=language,
                delivery_type=asked.get("delivery_type"),
                branch_id=asked.get("branch"),
            )

        return self.answer(request, show)

    @extend_schema(
        operation_id="cart_create",
        tags=TAGS,
        summary="Begin a cart",
        parameters=[CART_ID],
        request=None,
        responses={201: CartDetail, **errors(401, 404, 429, 503)},
        examples=[examples.CART_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Gives a guest the cart's `id`, to be sent as `X-Cart-ID` from now on (a cookie is set too).

        Who has a cart gets that one.
        """
        language = pick_language(request)
        return self.answer(
            request,
            lambda owner: services.create_cart(owner, language=language),
            code=status.HTTP_201_CREATED,
        )

    @extend_schema(
        operation_id="cart_partial_update",
        tags=TAGS,
        summary="Choose delivery or pickup",
        parameters=[CART_ID],
        request=CartChoiceRequest,
        responses={200: CartDetail, **errors(400, 401, 404, 429, 503)},
        examples=[examples.CHOICE_REQUEST, examples.CART_ANSWER],
    )
    def patch(self, request: Request) -> Response:
        """Delivery fees follow; checkout takes the choice over unless it is told otherwise."""
        body = CartChoiceRequest(data=request.data)
        body.is_valid(raise_exception=True)
        language = pick_language(request)
        return self.answer(
            request,
            lambda owner: services.set_delivery_type(owner, language=language, **body.validated_data),
        )


class CartAddView(CartDoor):
    @extend_schema(
        operation_id="cart_add",
        tags=TAGS,
        summary="Add to the cart",
        parameters=[CART_ID],
        request=CartAddRequest,
        responses={200: CartDetail, **errors(400, 401, 404, 409, 429, 503)},
        examples=[examples.ADD_REQUEST, examples.CART_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """The same variant with the same modifiers adds up. A guest's first add begins a cart.

        409 `insufficient_stock` tells how many are left.
        """
        body = CartAddRequest(data=request.data)
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


class CartUpdateView(CartDoor):
    @extend_schema(
        operation_id="cart_update",
        tags=TAGS,
        summary="Change a line's quantity",
        parameters=[CART_ID],
        request=CartUpdateRequest,
        responses={200: CartDetail, **errors(400, 401, 404, 409, 429, 503)},
        examples=[examples.UPDATE_REQUEST, examples.CART_ANSWER],
    )
    def put(self, request: Request, line_id: int) -> Response:
        """0 removes the line. `price_changed` goes away: the shopper has seen the new price."""
        body = CartUpdateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        quantity, language = body.validated_data["quantity"], pick_language(request)
        return self.answer(
            request,
            lambda owner: services.set_line_quantity(
                owner, line_id=line_id, quantity=quantity, language=language
            ),
        )


class CartRemoveView(CartDoor):
    @extend_schema(
        operation_id="cart_remove",
        tags=TAGS,
        summary="Remove a line",
        parameters=[CART_ID],
        request=None,
        responses={200: CartDetail, **errors(401, 404, 429, 503)},
        examples=[examples.CART_ANSWER],
    )
    def delete(self, request: Request, line_id: int) -> Response:
        """Answers the cart without it."""
        language = pick_language(request)
        return self.answer(
            request, lambda owner: services.remove_line(owner, line_id=line_id, language=language)
        )


class CartClearView(CartDoor):
    @extend_schema(
        operation_id="cart_clear",
        tags=TAGS,
        summary="Empty the cart",
        parameters=[CART_ID],
        request=None,
        responses={200: CartDetail, **errors(401, 404, 429, 503)},
        examples=[examples.CART_ANSWER],
    )
    def delete(self, request: Request) -> Response:
        """The cart itself stays, empty and without a coupon."""
        language = pick_language(request)
        return self.answer(request, lambda owner: services.clear_cart(owner, language=language))


class CartCouponView(CartDoor):
    throttle_scope = "coupons"

    @extend_schema(
        operation_id="cart_coupon_apply",
        tags=TAGS,
        summary="Enter a coupon",
        parameters=[CART_ID],
        request=CartCouponRequest,
        responses={200: CartDetail, **errors(400, 401, 404, 429, 503)},
        examples=[examples.COUPON_REQUEST, examples.CART_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """400 for a coupon that does not exist or is over. One that only waits for a fuller cart is kept:
        `coupon_status` tells what lacks."""
        body = CartCouponRequest(data=request.data)
        body.is_valid(raise_exception=True)
        code, language = body.validated_data["code"], pick_language(request)
        return self.answer(request, lambda owner: services.apply_coupon(owner, code=code, language=language))

    @extend_schema(
        operation_id="cart_coupon_remove",
        tags=TAGS,
        summary="Take the coupon out",
        parameters=[CART_ID],
        request=None,
        responses={200: CartDetail, **errors(401, 404, 429, 503)},
        examples=[examples.CART_ANSWER],
    )
    def delete(self, request: Request) -> Response:
        """Answers the cart without it."""
        language = pick_language(request)
        return self.answer(request, lambda owner: services.remove_coupon(owner, language=language))


class CartMergeView(CartDoor):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="cart_merge",
        tags=TAGS,
        summary="Take over a guest's cart",
        parameters=[CART_ID],
        request=CartMergeRequest,
        responses={200: CartDetail, **errors(400, 401, 429, 503)},
        examples=[examples.MERGE_REQUEST, examples.CART_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Quantities add up, as far as stock goes. Once: repeating it changes nothing. Logging in does it
        too.
        """
        body = CartMergeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked, language = read_asked_cart(request), pick_language(request)
        guest_cart_id = body.validated_data["cart_id"] or asked.carried_id
        if guest_cart_id is None:
            return self.respond(request, services.get_cart(asked.owner, language=language))
        cart = services.merge_carts(guest_cart_id, get_caller(request), language=language)
        return self.respond(request, cart)
