"""What is asked of a checkout."""

from __future__ import annotations

from rest_framework import serializers

from karvon.api.addresses import AddressTextField
from karvon.api.fields import PaymentMethodField
from karvon.api.market.checkout import MarketContactRequest
from karvon.orders.models import PaymentMethod


class SkuCheckoutRequest(MarketContactRequest):
    """All of it may be left out by a customer. Without an address it goes to the customer's default one; where there is
    none, the goods are fetched.
    """

    address = AddressTextField(required=False, allow_null=True, default=None)
    payment_method = PaymentMethodField(default=PaymentMethod.STRIPE)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
