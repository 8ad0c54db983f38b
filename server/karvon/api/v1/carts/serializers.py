"""Carts as the API takes them, and the shape in which `shapes.cart_json` shows them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from karvon.api.fields import RowIdField
from karvon.carts.store import MOST_OF_A_LINE

MOST_MODIFIERS = 50
DELIVERY_TYPES = (("delivery", "Delivery"), ("pickup", "Pickup"))


class CartAddRequest(serializers.Serializer[Any]):
    """`variant_id`, or `product_id` for the product's first variant that has enough."""

    product_id = RowIdField(required=False, allow_null=True, default=None)
    variant_id = RowIdField(required=False, allow_null=True, default=None)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_OF_A_LINE, default=1)
    modifiers = serializers.ListField(
        child=RowIdField(), required=False, default=list, max_length=MOST_MODIFIERS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["product_id"] is None and attrs["variant_id"] is None:
            raise serializers.ValidationError({"variant_id": [_("Say what to add.")]})
        return attrs


class CartUpdateRequest(serializers.Serializer[Any]):
    """0 removes the line."""

    quantity = serializers.IntegerField(min_value=0, max_value=MOST_OF_A_LINE)


class CartChoiceRequest(serializers.Serializer[Any]):
    delivery_type = serializers.ChoiceField(choices=DELIVERY_TYPES)


class CartCouponRequest(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40)


class CartMergeRequest(serializers.Serializer[Any]):
    """The guest cart to take over; without it, the one of `X-Cart-ID` or the cookie."""

    cart_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class CartQuery(serializers.Serializer[Any]):
    """Prices the cart as if handed over so, without changing it."""

    delivery_type = serializers.ChoiceField(choices=DELIVERY_TYPES, required=False)
    branch = RowIdField(required=False)


class CartProductBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    slug = serializers.CharField(allow_null=True)
    price = serializers.CharField()
    image = serializers.CharField(allow_null=True)


class CartVariantBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())


class CartModifierDetail(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    price_delta = serializers.CharField()


class CartLineDetail(serializers.Serializer[Any]):
    """A line that cannot be bought stays, with `available` false and a `problem`."""

    id = serializers.IntegerField()
    product = CartProductBrief()
    variant = CartVariantBrief()
    merchant_id = serializers.IntegerField(allow_null=True)
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField()
    previous_unit_price = serializers.CharField(allow_null=True)
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    modifiers = CartModifierDetail(many=True)
    available = serializers.BooleanField()
    available_quantity = serializers.IntegerField(allow_null=True)
    problem = serializers.ChoiceField(
        choices=[
            "withdrawn",
            "merchant_closed",
            "currency_mixed",
            "modifiers_changed",
            "sold_out",
            "insufficient_stock",
            "price_changed",
        ],
        allow_null=True,
    )


class CartCouponStatus(serializers.Serializer[Any]):
    """`reason` and `message` tell why a coupon does nothing; `missing` is what lacks to its minimum."""

    code = serializers.CharField()
    applied = serializers.BooleanField()
    amount = serializers.CharField()
    reason = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_null=True)
    missing = serializers.CharField(allow_null=True)


class CartDiscountDetail(serializers.Serializer[Any]):
    """Free delivery has lowered `delivery_fee`, the others `discount`. A membership's has no promotion."""

    promotion_id = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    kind = serializers.CharField()
    amount = serializers.CharField()


class CartMerchantBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class CartBranchBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class CartGroupDetail(serializers.Serializer[Any]):
    """What one branch of one merchant hands over; `items` are line ids."""

    merchant = CartMerchantBrief()
    branch = CartBranchBrief()
    items = serializers.ListField(child=serializers.IntegerField())
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    delivery_fee = serializers.CharField()
    free_delivery_from = serializers.CharField(allow_null=True)
    minimum_order = serializers.CharField()
    minimum_reached = serializers.BooleanField()
    total = serializers.CharField()


class CartDetail(serializers.Serializer[Any]):
    """Amounts are decimal strings in `currency`; total = subtotal - discount + delivery_fee. `tax` is
    included.
    """

    id = serializers.UUIDField(allow_null=True)
    user = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField()
    items = CartLineDetail(many=True)
    item_count = serializers.IntegerField()
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    delivery_fee = serializers.CharField()
    tax = serializers.CharField()
    total = serializers.CharField()
    currency = serializers.CharField()
    coupon = serializers.CharField(allow_null=True)
    coupon_status = CartCouponStatus(allow_null=True)
    discounts = CartDiscountDetail(many=True)
    delivery_type = serializers.ChoiceField(choices=DELIVERY_TYPES)
    merchants = CartGroupDetail(many=True)
    is_orderable = serializers.BooleanField()
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
