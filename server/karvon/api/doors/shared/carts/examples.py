"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

from karvon.api.market.examples import CART

CART_ANSWER = OpenApiExample("cart", value=CART, response_only=True)
ADD_REQUEST = OpenApiExample("two of them", value={"variant_id": 1, "quantity": 2}, request_only=True)
REMOVE_REQUEST = OpenApiExample("one line", value={"variant_id": 1}, request_only=True)
