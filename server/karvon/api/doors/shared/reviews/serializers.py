"""Reviews as these contracts take and show them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.accounts.models import User
from karvon.api.fields import RowIdField
from karvon.reviews.authors import public_name
from karvon.reviews.models import Review
from karvon.reviews.services.writing import LONGEST_COMMENT, LONGEST_TITLE


class MarketReviewRequest(serializers.Serializer[Any]):
    """What somebody says of a product."""

    product = RowIdField()
    rating = serializers.IntegerField(min_value=1, max_value=5)
    title = serializers.CharField(max_length=LONGEST_TITLE, required=False, allow_blank=True)
    comment = serializers.CharField(max_length=LONGEST_COMMENT, required=False, allow_blank=True)


class MarketReviewQuery(serializers.Serializer[Any]):
    product = RowIdField(required=False)
    rating = serializers.IntegerField(min_value=1, max_value=5, required=False)


class MarketReviewAuthor(serializers.Serializer[Any]):
    """As much of a name as the public may read."""

    id = serializers.IntegerField()
    name = serializers.SerializerMethodField()

    def get_name(self, user: User) -> str:
        return public_name(user)


class MarketReview(serializers.ModelSerializer[Review]):
    product = serializers.IntegerField(source="product_id")
    user = MarketReviewAuthor()

    class Meta:
        model = Review
        fields = [
            "id",
            "product",
            "user",
            "rating",
            "title",
            "comment",
            "is_verified",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields
