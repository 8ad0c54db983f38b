"""Categories and products as the API document tells of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.market.products import MarketProduct


class MarketCategory(serializers.Serializer[Any]):
    """A category; `product_count` is of products on show in it and below."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    image = serializers.URLField(allow_null=True)
    product_count = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)


class MarketReviewSummary(serializers.Serializer[Any]):
    """`by_rating`: how many reviews gave 1, 2, … 5."""

    average_rating = serializers.FloatField()
    reviews_count = serializers.IntegerField()
    by_rating = serializers.DictField(child=serializers.IntegerField())


class MarketProductPage(MarketProduct):
    reviews = MarketReviewSummary()
