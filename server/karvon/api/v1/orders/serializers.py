"""Orders as the API takes them, and the shape in which `shapes` shows them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from karvon.api.addresses import AddressParts
from karvon.api.fields import BIGGEST_ID, PaymentMethodField, RowIdField
from karvon.api.v1.carts.serializers import CartBranchBrief, CartMerchantBrief
from karvon.orders.models import DeliveryType, FulfilmentFlow, OrderState, PaymentMethod, PaymentState

MOST_LINES = 500


class OrderContactRequest(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True, default="")
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True, default="")


class OrderAddressRequest(AddressParts):
    """Where to deliver to."""


class OrderCreateRequest(serializers.Serializer[Any]):
    """All of it may be left out by a customer: cash, delivered to the default address. Guests spell
    `delivery_address` and `contact` out.
    """

    payment_method = PaymentMethodField(default=PaymentMethod.CASH)
    delivery_type = serializers.ChoiceField(choices=DeliveryType.choices, default=DeliveryType.DELIVERY)
    address_id = RowIdField(required=False, allow_null=True, default=None)
    delivery_address = OrderAddressRequest(required=False, allow_null=True, default=None)
    branch_id = RowIdField(required=False, allow_null=True, default=None)
    contact = OrderContactRequest(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    scheduled_for = serializers.DateTimeField(required=False, allow_null=True, default=None)
    expected_total = serializers.DecimalField(
        max_digits=18, decimal_places=4, min_value=0, required=False, allow_null=True, default=None
    )


class OrderAdvanceRequest(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=OrderState.choices)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class OrderCancelRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class OrderPaidRequest(serializers.Serializer[Any]):
    """`reference` is what the bank calls the payment."""

    reference = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class FulfilmentTransitionRequest(serializers.Serializer[Any]):
    to = serializers.ChoiceField(choices=OrderState.choices)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class FulfilmentCancelLinesRequest(serializers.Serializer[Any]):
    """`lines`: {order line id: units}."""

    lines = serializers.DictField(child=serializers.IntegerField(min_value=1), allow_empty=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")

    def validate_lines(self, value: dict[str, int]) -> dict[int, int]:
        if len(value) > MOST_LINES:
            raise serializers.ValidationError(_("Too many lines."))
        if not all(key.isascii() and key.isdigit() and 0 < int(key[:20]) <= BIGGEST_ID for key in value):
            raise serializers.ValidationError(_("The keys are ids of order lines."))
        return {int(key): count for key, count in value.items()}


class OrderQuery(serializers.Serializer[Any]):
    """`state` and `status` are the same; a merchant asks about its own parts. Days are inclusive, in UTC."""

    state = serializers.ChoiceField(choices=OrderState.choices, required=False)
    status = serializers.ChoiceField(choices=OrderState.choices, required=False)
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    search = serializers.CharField(max_length=32, required=False, help_text="Part of the number.")


class FulfilmentQuery(OrderQuery):
    """As for orders."""


class OrderTokenQuery(serializers.Serializer[Any]):
    """What a guest got when ordering."""

    token = serializers.CharField(max_length=64, required=False)


class OrderModifierDetail(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    price_delta = serializers.CharField()


class OrderItemDetail(serializers.Serializer[Any]):
    """A line as it was sold."""

    id = serializers.IntegerField()
    fulfilment_id = serializers.IntegerField()
    product_id = serializers.IntegerField(allow_null=True)
    variant_id = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    sku = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    modifiers = OrderModifierDetail(many=True)
    image = serializers.CharField(allow_null=True)
    quantity = serializers.IntegerField()
    cancelled_quantity = serializers.IntegerField()
    unit_price = serializers.CharField()
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    tax = serializers.CharField()
    total = serializers.CharField()


class OrderDiscountDetail(serializers.Serializer[Any]):
    promotion_id = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    kind = serializers.CharField()
    amount = serializers.CharField()


class FulfilmentBrief(serializers.Serializer[Any]):
    """What one branch of one merchant hands over."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    merchant = CartMerchantBrief()
    branch = CartBranchBrief()
    flow = serializers.ChoiceField(choices=FulfilmentFlow.choices)
    status = serializers.ChoiceField(choices=OrderState.choices)
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    delivery_fee = serializers.CharField()
    tax = serializers.CharField()
    total = serializers.CharField()
    amount_paid = serializers.CharField(help_text="What has been paid, called off or not.")
    amount_due = serializers.CharField(help_text="What is still to be paid for what was not called off.")
    refund_due = serializers.CharField(help_text="What was paid for things that were called off or returned.")


class FulfilmentDetail(FulfilmentBrief):
    order_id = serializers.IntegerField()
    order_number = serializers.CharField()
    currency = serializers.CharField()
    delivery_type = serializers.ChoiceField(choices=DeliveryType.choices)
    note = serializers.CharField()
    placed_at = serializers.DateTimeField()
    items = OrderItemDetail(many=True)


class OrderEventDetail(serializers.Serializer[Any]):
    """A step of the timeline. `from` and `to` are null where it has none."""

    kind = serializers.CharField()
    fulfilment_id = serializers.IntegerField(allow_null=True)
    to = serializers.CharField(allow_null=True)
    by = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        fields["from"] = serializers.CharField(allow_null=True)  # a keyword of Python
        return fields


class OrderContactDetail(serializers.Serializer[Any]):
    name = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()


class OrderBrief(serializers.Serializer[Any]):
    """Amounts are decimal strings in `currency`; total = subtotal - discount + delivery_fee. `tax` is included.

    A merchant sees its own lines and parts, and the amounts and status of those.
    """

    id = serializers.IntegerField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderState.choices)
    payment_status = serializers.ChoiceField(choices=PaymentState.choices)
    payment_method = PaymentMethodField()
    items = OrderItemDetail(many=True)
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    delivery_fee = serializers.CharField()
    tax = serializers.CharField()
    total = serializers.CharField()
    amount_paid = serializers.CharField(help_text="What has been paid, called off or not.")
    amount_due = serializers.CharField(help_text="What is still to be paid for what was not called off.")
    refund_due = serializers.CharField(help_text="What was paid for things that were called off or returned.")
    currency = serializers.CharField()
    discounts = OrderDiscountDetail(many=True)
    fulfilments = FulfilmentBrief(many=True)
    delivery_type = serializers.ChoiceField(choices=DeliveryType.choices)
    delivery_address = serializers.DictField()
    contact = OrderContactDetail()
    scheduled_for = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    placed_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    payment_deadline = serializers.DateTimeField(allow_null=True)


class OrderDetail(OrderBrief):
    timeline = OrderEventDetail(many=True)


class OrderPlacedDetail(OrderDetail):
    """`token` opens the order without a login; it is told once."""

    token = serializers.CharField()


class OrderMissingDetail(serializers.Serializer[Any]):
    title = serializers.CharField()
    problem = serializers.CharField()


class OrderReorderDetail(serializers.Serializer[Any]):
    """What could not be put into the cart."""

    missing = OrderMissingDetail(many=True)
