"""Reviews: anyone reads, people with an account write one per product."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticatedOrReadOnly
from karvon.api.doors.shared.reviews import examples
from karvon.api.doors.shared.reviews import serializers as s
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.kernel.idempotency import idempotent
from karvon.reviews import selectors, services

TAGS = ["marketplace"]


class ReviewListView(PagedView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(
        operation_id="market_reviews_list",
        tags=TAGS,
        summary="Reviews",
        parameters=[s.MarketReviewQuery],
        responses={200: s.MarketReview(many=True), **errors(400, 401, 404)},
        examples=[examples.REVIEW_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first; `product` for those of one."""
        query = s.MarketReviewQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        reviews = selectors.list_reviews(
            request.user, product_id=asked.get("product"), rating=asked.get("rating")
        )
        return self.answer_page(reviews, lambda page: list(s.MarketReview(page, many=True).data))

    @extend_schema(
        operation_id="market_reviews_create",
        tags=TAGS,
        summary="Review a product",
        request=s.MarketReviewRequest,
        responses={201: s.MarketReview, **errors(400, 401, 403, 404, 409)},
        examples=[examples.REVIEW_REQUEST, examples.REVIEW_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """One per product and person: a second one is 409 `already_reviewed`."""
        body = s.MarketReviewRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = dict(body.validated_data)
        review = services.create_review(
            author=get_caller(request), product_id=asked.pop("product"), review=services.ReviewInput(**asked)
        )
        return Response(s.MarketReview(review).data, status=status.HTTP_201_CREATED)
