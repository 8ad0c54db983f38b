"""Products, reviews and pictures as this door takes and shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from karvon.api.fields import RowIdField
from karvon.catalog.inputs import ProductInput
from karvon.inventory.services.counting import MOST_UNITS
from karvon.reviews.authors import public_name
from karvon.reviews.models import Review
from karvon.reviews.services.writing import LONGEST_COMMENT, LONGEST_SIGNATURE


class StoreProductRequest(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=255)
    description = serializers.CharField(max_length=100_000, required=False, allow_blank=True)
    unit_price = serializers.DecimalField(max_digits=15, decimal_places=3, min_value=Decimal(0))
    inventory = serializers.IntegerField(min_value=0, max_value=MOST_UNITS)
    collection = RowIdField(allow_null=True)

    def to_input(self, language: str, *, state: str | None = None) -> ProductInput:
        """The catalogue's part of it, in one language."""
        data = self.validated_data
        return ProductInput(
            titles={language: data["title"]} if "title" in data else None,
            descriptions={language: data["description"]} if "description" in data else None,
            category_id=data.get("collection"),
            state=state,
            clears=frozenset({"category_id"} if "collection" in data and data["collection"] is None else ()),
        )


class StoreImage(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    image = serializers.URLField()


class StoreImageRequest(serializers.Serializer[Any]):
    """A picture of at most 500 KB."""

    image = serializers.FileField()


class StoreProduct(serializers.Serializer[Any]):
    """Prices include tax. `inventory` is of all variants."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField()
    unit_price = serializers.CharField()
    price_with_tax = serializers.CharField()
    currency = serializers.CharField()
    inventory = serializers.IntegerField()
    collection = serializers.IntegerField(allow_null=True)
    images = StoreImage(many=True)
    last_update = serializers.DateTimeField()


class StoreReviewRequest(serializers.Serializer[Any]):
    """Without a `rating` it is five stars."""

    name = serializers.CharField(max_length=LONGEST_SIGNATURE)
    description = serializers.CharField(max_length=LONGEST_COMMENT)
    rating = serializers.IntegerField(min_value=1, max_value=5, required=False, default=5)


class StoreReview(serializers.ModelSerializer[Review]):
    name = serializers.SerializerMethodField()
    description = serializers.CharField(source="comment")
    date = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Review
        fields = ["id", "name", "description", "rating", "date"]
        read_only_fields = fields

    def get_name(self, review: Review) -> str:
        return review.signed_as or public_name(review.user)
