"""Branches as this contract shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from karvon.api.fields import CoordinateField
from karvon.api.market.products import MarketSeller
from karvon.kernel.money import money_json
from karvon.merchants.models import Branch, MerchantState
from karvon.merchants.texts import text_of


class FoodPointQuery(serializers.Serializer[Any]):
    lat = CoordinateField(most=90)
    lng = CoordinateField(most=180)


class FoodPoint(serializers.Serializer[Any]):
    lat = serializers.FloatField()
    lng = serializers.FloatField()


class FoodBranch(serializers.Serializer[Any]):
    """A place that hands orders over. `opening_hours` and `zones` are empty where the shop keeps none: then it takes
    orders from anywhere and at any time while `is_open`.
    """

    id = serializers.IntegerField()
    name = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    city = serializers.CharField()
    phone = serializers.CharField()
    merchant = MarketSeller()
    location = serializers.SerializerMethodField()
    timezone = serializers.CharField(source="merchant.timezone")
    opening_hours = serializers.SerializerMethodField()
    zones = serializers.SerializerMethodField()
    is_open = serializers.SerializerMethodField()
    offers_delivery = serializers.BooleanField()
    offers_pickup = serializers.BooleanField()
    delivery_fee = serializers.SerializerMethodField()
    free_delivery_from = serializers.SerializerMethodField()
    minimum_order = serializers.SerializerMethodField()
    currency = serializers.CharField(source="merchant.currency")

    def get_name(self, branch: Branch) -> str:
        return text_of(branch, "name", default_language=branch.merchant.default_language)

    def get_address(self, branch: Branch) -> str:
        return text_of(branch, "address", default_language=branch.merchant.default_language)

    @extend_schema_field(FoodPoint(allow_null=True))
    def get_location(self, branch: Branch) -> dict[str, float] | None:
        if branch.latitude is None or branch.longitude is None:
            return None
        return {"lat": float(branch.latitude), "lng": float(branch.longitude)}

    def get_opening_hours(self, branch: Branch) -> list[dict[str, str]]:
        return []

    def get_zones(self, branch: Branch) -> list[dict[str, str]]:
        return []

    def get_is_open(self, branch: Branch) -> bool:
        """Whether it takes orders now."""
        return branch.is_active and branch.merchant.state == MerchantState.ACTIVE

    def get_delivery_fee(self, branch: Branch) -> str:
        return money_json(branch.delivery_fee)

    def get_free_delivery_from(self, branch: Branch) -> str | None:
        return None if branch.free_delivery_from is None else money_json(branch.free_delivery_from)

    def get_minimum_order(self, branch: Branch) -> str:
        return money_json(branch.minimum_order)


class FoodNearBranch(FoodBranch):
    distance_km = serializers.SerializerMethodField()

    def get_distance_km(self, branch: Any) -> float:
        """As the crow flies."""
        return round(branch.distance_km, 3)
