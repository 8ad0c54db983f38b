"""Stock as the API takes and shows it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.inventory.models import MovementKind, StockLevel, StockMovement
from karvon.inventory.services.counting import MOST_UNITS

BIGGEST_ID = 2**63 - 1


class RowIdField(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST_ID, **kwargs)


class UnitsField(serializers.IntegerField):
    """A number of units."""

    def __init__(self, *, min_value: int = 1, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=MOST_UNITS, **kwargs)


class ReasonField(serializers.CharField):
    def __init__(self) -> None:
        super().__init__(max_length=255, required=False, allow_blank=True, default="")


class StockAdjustRequest(serializers.Serializer[Any]):
    """`quantity_delta` or `on_hand`, not both. Without `branch` the merchant's default branch is meant."""

    variant = RowIdField()
    branch = RowIdField(required=False, allow_null=True, default=None)
    quantity_delta = UnitsField(required=False, allow_null=True, default=None, min_value=-MOST_UNITS)
    on_hand = UnitsField(required=False, allow_null=True, default=None, min_value=0)
    reason = ReasonField()


class StockReceiveRequest(serializers.Serializer[Any]):
    """Without `branch` the merchant's default branch is meant."""

    variant = RowIdField()
    branch = RowIdField(required=False, allow_null=True, default=None)
    quantity = UnitsField()
    reason = ReasonField()


class StockTransferRequest(serializers.Serializer[Any]):
    variant = RowIdField()
    from_branch = RowIdField()
    to_branch = RowIdField()
    quantity = UnitsField()
    reason = ReasonField()


class StockThresholdRequest(serializers.Serializer[Any]):
    """null: never low."""

    low_threshold = UnitsField(min_value=0, allow_null=True)


class StockLevelQuery(serializers.Serializer[Any]):
    merchant = RowIdField(required=False)
    branch = RowIdField(required=False)
    product = RowIdField(required=False)
    variant = RowIdField(required=False)
    low = serializers.BooleanField(required=False, default=False)
    search = serializers.CharField(required=False, max_length=100)


class StockMovementQuery(serializers.Serializer[Any]):
    level = RowIdField(required=False)
    branch = RowIdField(required=False)
    variant = RowIdField(required=False)
    order = RowIdField(required=False)
    kind = serializers.ChoiceField(choices=MovementKind.choices, required=False)


class StockVariantBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    title = serializers.CharField()


class StockProductBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()


class StockBranchBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class StockActorBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")


class StockLevelDetail(serializers.ModelSerializer[StockLevel]):
    """Units of one variant at one branch."""

    variant = StockVariantBrief()
    product = StockProductBrief(source="variant.product")
    branch = StockBranchBrief()
    merchant_id = serializers.IntegerField(source="variant.merchant_id")
    available = serializers.IntegerField()
    is_low = serializers.SerializerMethodField()

    class Meta:
        model = StockLevel
        fields = [
            "id",
            "variant",
            "product",
            "branch",
            "merchant_id",
            "on_hand",
            "reserved",
            "available",
            "low_threshold",
            "is_low",
            "updated_at",
        ]
        read_only_fields = fields

    def get_is_low(self, level: StockLevel) -> bool:
        return level.low_threshold is not None and level.available <= level.low_threshold


class StockTransferDetail(serializers.Serializer[Any]):
    """Both levels afterwards."""

    to = StockLevelDetail()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name for a Python attribute."""
        return {"from": StockLevelDetail(), **super().get_fields()}


class StockMovementDetail(serializers.ModelSerializer[StockMovement]):
    """A line of the ledger; `quantity` is negative when units left."""

    variant = StockVariantBrief(source="level.variant")
    branch = StockBranchBrief(source="level.branch")
    actor = StockActorBrief(allow_null=True)

    class Meta:
        model = StockMovement
        fields = [
            "id",
            "level",
            "variant",
            "branch",
            "kind",
            "quantity",
            "reason",
            "actor",
            "order_id",
            "created_at",
        ]
        read_only_fields = fields
