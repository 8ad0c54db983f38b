"""Promotions as the API takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from karvon.kernel.languages import LANGUAGES
from karvon.kernel.money import money_json
from karvon.promotions.models import Bearer, Promotion, PromotionKind
from karvon.promotions.services import PromotionInput

BIGGEST_ID = 2**63 - 1
MOST_USES = 1_000_000_000
NAME_COLUMNS = tuple(f"name_{language}" for language in LANGUAGES)
RENAMED = {"merchant": "merchant_id", "products": "product_ids", "categories": "category_ids"}


class AmountInput(serializers.DecimalField):
    """A decimal string, not negative."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=15, decimal_places=3, min_value=Decimal(0), **kwargs)


class AmountOutput(serializers.DecimalField):
    """A decimal string with two places at least."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=15, decimal_places=3, read_only=True, **kwargs)

    def to_representation(self, value: Decimal) -> str:
        return money_json(value)


class PromotionScopeField(serializers.ListField):
    """Ids of rows; empty for everything."""

    def __init__(self, **kwargs: Any) -> None:
        child = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
        super().__init__(child=child, required=False, max_length=1000, **kwargs)


class PromotionNameField(serializers.CharField):
    """The name in one language."""

    def __init__(self) -> None:
        super().__init__(max_length=128, required=False, allow_blank=True)


class PromotionRequest(serializers.Serializer[Any]):
    """Without a `code` it applies by itself. Without a `merchant` it is the platform's (operators only)."""

    merchant = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False, allow_null=True)
    code = serializers.CharField(max_length=40, required=False, allow_blank=True, allow_null=True)
    name = serializers.CharField(max_length=128)
    name_uz = PromotionNameField()
    name_ru = PromotionNameField()
    name_en = PromotionNameField()
    name_ar = PromotionNameField()
    kind = serializers.ChoiceField(choices=PromotionKind.choices)
    value = AmountInput(required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    minimum_subtotal = AmountInput(required=False)
    maximum_discount = AmountInput(required=False, allow_null=True)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    total_limit = serializers.IntegerField(min_value=1, max_value=MOST_USES, required=False, allow_null=True)
    per_customer_limit = serializers.IntegerField(
        min_value=1, max_value=MOST_USES, required=False, allow_null=True
    )
    products = PromotionScopeField()
    categories = PromotionScopeField()
    priority = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    is_stackable = serializers.BooleanField(required=False)
    borne_by = serializers.ChoiceField(choices=Bearer.choices, required=False)
    is_active = serializers.BooleanField(required=False)

    def to_input(self, known: PromotionInput | None = None) -> PromotionInput:
        """The service's input; with `known`, what was not sent stays."""
        sent = {RENAMED.get(name, name): value for name, value in self.validated_data.items()}
        sent["names"] = tuple(
            (column.removeprefix("name_"), sent.pop(column)) for column in NAME_COLUMNS if column in sent
        )
        for scope in ("product_ids", "category_ids"):
            if scope in sent:
                sent[scope] = tuple(sent[scope])
        return PromotionInput(**sent) if known is None else replace(known, **sent)


class PromotionQuery(serializers.Serializer[Any]):
    merchant = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False)
    kind = serializers.ChoiceField(choices=PromotionKind.choices, required=False)
    is_active = serializers.BooleanField(required=False, allow_null=True, default=None)
    is_coupon = serializers.BooleanField(required=False, allow_null=True, default=None)
    search = serializers.CharField(required=False, max_length=100)


class PromotionDetail(serializers.ModelSerializer[Promotion]):
    """A coupon or an automatic promotion."""

    merchant = serializers.IntegerField(source="merchant_id", allow_null=True)
    value = AmountOutput()
    minimum_subtotal = AmountOutput()
    maximum_discount = AmountOutput(allow_null=True)
    products: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    categories: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Promotion
        fields = [
            "id",
            "merchant",
            "code",
            "name",
            *NAME_COLUMNS,
            "kind",
            "value",
            "currency",
            "minimum_subtotal",
            "maximum_discount",
            "starts_at",
            "ends_at",
            "total_limit",
            "per_customer_limit",
            "used_count",
            "products",
            "categories",
            "priority",
            "is_stackable",
            "borne_by",
            "is_active",
            "created_at",
        ]
        read_only_fields = fields
