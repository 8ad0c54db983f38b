"""What is asked of lines in the cart."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from karvon.api.fields import RowIdField
from karvon.api.market.carts import MarketCartItem, MarketCartQuantityField, MarketModifierIdsField


class FoodCartAddRequest(serializers.Serializer[Any]):
    """`product_id` takes the product's first variant that has enough, `variant_id` a certain one."""

    product_id = RowIdField(required=False, allow_null=True, default=None)
    variant_id = RowIdField(required=False, allow_null=True, default=None)
    quantity = MarketCartQuantityField(default=1)
    modifiers = MarketModifierIdsField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["product_id"] is None and attrs["variant_id"] is None:
            raise serializers.ValidationError({"product_id": [_("Say what to add.")]})
        return attrs


class FoodCartChangeRequest(serializers.Serializer[Any]):
    """0 removes the line."""

    quantity = MarketCartQuantityField(least=0)


class FoodCartAdded(MarketCartItem):
    """`cart_id` is what a guest sends as `X-Cart-ID` from now on."""

    cart_id = serializers.UUIDField(allow_null=True)
