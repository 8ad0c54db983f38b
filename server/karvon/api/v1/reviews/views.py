"""Reviews: anyone reads, customers write, sellers answer, staff moderate."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.models import User
from karvon.accounts.permissions import (
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
    IsMerchantOrOperator,
    IsOperator,
)
from karvon.api.schema import errors
from karvon.api.v1.reviews import examples
from karvon.api.v1.reviews.serializers import (
    ORDERINGS,
    ReviewCreateRequest,
    ReviewDetail,
    ReviewHideRequest,
    ReviewQuery,
    ReviewReplyRequest,
    ReviewReportDetail,
    ReviewReportRequest,
    ReviewUpdateRequest,
)
from karvon.kernel.idempotency import idempotent
from karvon.reviews import selectors, services
from karvon.reviews.models import Review

TAGS = ["reviews"]


class ReviewListView(GenericAPIView[Review]):
    permission_classes = [IsAuthenticatedOrReadOnly]
    serializer_class = ReviewDetail

    @extend_schema(
        operation_id="reviews_list",
        tags=TAGS,
        summary="Reviews",
        parameters=[ReviewQuery],
        responses={200: ReviewDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.REVIEW_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first unless `ordering` says otherwise."""
        query = ReviewQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = self.paginate_queryset(
            _filter(selectors.reviews_visible_to(request.user), query, request.user)
        )
        return self.get_paginated_response(ReviewDetail(page, many=True).data)

    @extend_schema(
        operation_id="reviews_create",
        tags=TAGS,
        summary="Review a product",
        request=ReviewCreateRequest,
        responses={201: ReviewDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REVIEW_REQUEST, examples.REVIEW_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """One per product and customer (409 `already_reviewed`); `is_verified` says that the author
        bought it.
        """
        body = ReviewCreateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        review = services.create_review(
            author=get_caller(request),
            product_id=asked.pop("product"),
            review=services.ReviewInput(**asked),
        )
        return Response(ReviewDetail(review).data, status=status.HTTP_201_CREATED)


def _filter(
    reviews: QuerySet[Review], query: ReviewQuery, principal: User | AnonymousUser
) -> QuerySet[Review]:
    asked = query.validated_data
    columns = {"product": "product_id", "rating": "rating", "merchant": "product__merchant_id"}
    reviews = reviews.filter(**{columns[name]: asked[name] for name in columns if name in asked})
    if asked["verified"] is not None:
        reviews = reviews.filter(is_verified=asked["verified"])
    if asked["mine"]:
        reviews = reviews.filter(user_id=principal.pk) if principal.is_authenticated else reviews.none()
    return reviews.order_by(*ORDERINGS[asked["ordering"]])


class ReviewView(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(
        operation_id="reviews_retrieve",
        tags=TAGS,
        summary="One review",
        responses={200: ReviewDetail, **errors(401, 404, 429)},
        examples=[examples.REVIEW_ANSWER],
    )
    def get(self, request: Request, review_id: int) -> Response:
        """404 for a hidden one, except for its author, the seller and staff."""
        return Response(ReviewDetail(selectors.get_review(review_id, request.user)).data)

    @extend_schema(
        operation_id="reviews_update",
        tags=TAGS,
        summary="Change the own review",
        request=ReviewUpdateRequest,
        responses={200: ReviewDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REVIEW_REQUEST, examples.REVIEW_ANSWER],
    )
    def put(self, request: Request, review_id: int) -> Response:
        """`rating` is needed; texts that are left out stay."""
        return self._update(request, review_id, partial=False)

    @extend_schema(
        operation_id="reviews_partial_update",
        tags=TAGS,
        summary="Change the own review",
        request=ReviewUpdateRequest,
        responses={200: ReviewDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REVIEW_REQUEST, examples.REVIEW_ANSWER],
    )
    def patch(self, request: Request, review_id: int) -> Response:
        """What is left out stays."""
        return self._update(request, review_id, partial=True)

    def _update(self, request: Request, review_id: int, *, partial: bool) -> Response:
        selectors.get_review(review_id, request.user)
        body = ReviewUpdateRequest(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        product_id = changes.pop("product", None)
        review = services.update_review(
            review_id=review_id, changes=changes, actor=get_caller(request), product_id=product_id
        )
        return Response(ReviewDetail(review).data)

    @extend_schema(
        operation_id="reviews_destroy",
        tags=TAGS,
        summary="Remove a review",
        request=None,
        responses={204: None, **errors(401, 403, 404, 409, 429)},
    )
    def delete(self, request: Request, review_id: int) -> Response:
        """Its author or staff."""
        services.delete_review(review_id=review_id, actor=get_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReviewReplyView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="reviews_reply",
        tags=TAGS,
        summary="Answer as the shop",
        request=ReviewReplyRequest,
        responses={200: ReviewDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REPLY_REQUEST, examples.REVIEW_ANSWER],
    )
    def post(self, request: Request, review_id: int) -> Response:
        """Shown under the review. A second answer replaces the first."""
        body = ReviewReplyRequest(data=request.data)
        body.is_valid(raise_exception=True)
        review = services.reply_to_review(
            review_id=review_id, comment=body.validated_data["comment"], actor=get_caller(request)
        )
        return Response(ReviewDetail(review).data)

    @extend_schema(
        operation_id="reviews_reply_destroy",
        tags=TAGS,
        summary="Take the shop's answer back",
        request=None,
        responses={204: None, **errors(401, 403, 404, 409, 429)},
    )
    def delete(self, request: Request, review_id: int) -> Response:
        """The shop's people and staff."""
        services.withdraw_reply(review_id=review_id, actor=get_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReviewReportView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="reviews_report",
        tags=TAGS,
        summary="Report a review",
        request=ReviewReportRequest,
        responses={201: ReviewReportDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.REPORT_REQUEST, examples.REPORT_ANSWER],
    )
    def post(self, request: Request, review_id: int) -> Response:
        """Staff will look at it. Once per person (409 `already_reported`)."""
        body = ReviewReportRequest(data=request.data)
        body.is_valid(raise_exception=True)
        report = services.report_review(
            review_id=review_id, reason=body.validated_data["reason"], actor=get_caller(request)
        )
        return Response(ReviewReportDetail(report).data, status=status.HTTP_201_CREATED)


class ReviewHideView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="reviews_hide",
        tags=TAGS,
        summary="Hide a review",
        request=ReviewHideRequest,
        responses={200: ReviewDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.HIDE_REQUEST, examples.REVIEW_ANSWER],
    )
    def post(self, request: Request, review_id: int) -> Response:
        """It leaves the shop and its product's rating; its reports count as dealt with."""
        body = ReviewHideRequest(data=request.data)
        body.is_valid(raise_exception=True)
        review = services.hide_review(
            review_id=review_id, reason=body.validated_data["reason"], actor=get_caller(request)
        )
        return Response(ReviewDetail(review).data)


class ReviewUnhideView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="reviews_unhide",
        tags=TAGS,
        summary="Show a hidden review again",
        request=None,
        responses={200: ReviewDetail, **errors(401, 403, 404, 409, 429)},
        examples=[examples.REVIEW_ANSWER],
    )
    def post(self, request: Request, review_id: int) -> Response:
        """It counts in its product's rating again."""
        review = services.unhide_review(review_id=review_id, actor=get_caller(request))
        return Response(ReviewDetail(review).data)
