"""Reviews as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from karvon.accounts.models import User
from karvon.reviews.authors import public_name
from karvon.reviews.models import Review, ReviewReport, ReviewState
from karvon.reviews.services.moderating import LONGEST_REASON, LONGEST_REPORT
from karvon.reviews.services.writing import LONGEST_COMMENT, LONGEST_TITLE

BIGGEST_ID = 2**63 - 1
ORDERINGS = {
    "created_at": ("id",),
    "-created_at": ("-id",),
    "rating": ("rating", "-id"),
    "-rating": ("-rating", "-id"),
}


class ReviewWriteRequest(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    title = serializers.CharField(max_length=LONGEST_TITLE, required=False, allow_blank=True)
    comment = serializers.CharField(max_length=LONGEST_COMMENT, required=False, allow_blank=True)


class ReviewCreateRequest(ReviewWriteRequest):
    """What somebody says of a product."""

    product = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)


class ReviewUpdateRequest(ReviewWriteRequest):
    """A changed review. It stays with its product, which may be repeated."""

    product = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False)


class ReviewReplyRequest(serializers.Serializer[Any]):
    comment = serializers.CharField(max_length=LONGEST_COMMENT)


class ReviewReportRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REPORT)


class ReviewHideRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True, default="")


class ReviewQuery(serializers.Serializer[Any]):
    product = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False)
    rating = serializers.IntegerField(min_value=1, max_value=5, required=False)
    merchant = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False)
    verified = serializers.BooleanField(required=False, allow_null=True, default=None)
    mine = serializers.BooleanField(required=False, default=False, help_text="only the caller's own")
    ordering = serializers.ChoiceField(choices=list(ORDERINGS), required=False, default="-created_at")


class ReviewAuthor(serializers.ModelSerializer[User]):
    """As much of a name as the public may read."""

    name = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "name"]
        read_only_fields = fields

    def get_name(self, user: User) -> str:
        return public_name(user)


class ReviewReply(serializers.Serializer[Any]):
    """What the shop answered."""

    comment = serializers.CharField(source="reply")
    created_at = serializers.DateTimeField(source="replied_at")


class ReviewDetail(serializers.ModelSerializer[Review]):
    """A review. `state` is "hidden" only where its author, the seller or staff look."""

    product = serializers.IntegerField(source="product_id")
    product_title = serializers.CharField(source="product.title")
    user = ReviewAuthor()
    state = serializers.ChoiceField(choices=ReviewState.choices)
    reply = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = [
            "id",
            "product",
            "product_title",
            "user",
            "rating",
            "title",
            "comment",
            "is_verified",
            "state",
            "reply",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(ReviewReply(allow_null=True))
    def get_reply(self, review: Review) -> dict[str, Any] | None:
        return dict(ReviewReply(review).data) if review.reply else None


class ReviewReportDetail(serializers.ModelSerializer[ReviewReport]):
    """A report, as its author gets it back."""

    review = serializers.IntegerField(source="review_id")

    class Meta:
        model = ReviewReport
        fields = ["id", "review", "reason", "created_at"]
        read_only_fields = fields
