"""Every read of reviews, and the check of their books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Q, QuerySet

from karvon.kernel.languages import LANGUAGES
from karvon.merchants.selectors import merchant_ids_of
from karvon.reviews.errors import ReviewNotFound
from karvon.reviews.models import Review, ReviewReport, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

# the longest columns of a product, of which a review shows none
UNREAD = ["product__description", *(f"product__description_{language}" for language in LANGUAGES)]


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Two numbers that must be equal and are not. `subject` names the row, such as "product 12"."""

    check: str
    subject: str
    expected: int
    actual: int


def reviews_visible_to(principal: User | AnonymousUser) -> QuerySet[Review]:
    """Anyone sees what is shown of products on show; authors also their own, sellers all of what they sell,
    operators all.
    """
    reviews = Review.objects.select_related("user", "product").defer(*UNREAD)
    reviews = reviews.filter(product__deleted_at__isnull=True)
    shown = Q(state=ReviewState.VISIBLE, product__window__is_visible=True)
    if not principal.is_authenticated:
        return reviews.filter(shown)
    if principal.is_operator:
        return reviews
    own = Q(user=principal)
    if merchant_ids := merchant_ids_of(principal):
        own |= Q(product__merchant_id__in=merchant_ids)
    return reviews.filter(shown | own)


def list_reviews(
    principal: User | AnonymousUser, *, product_id: int | None = None, rating: int | None = None
) -> QuerySet[Review]:
    """Reviews that somebody may see, newest first."""
    reviews = reviews_visible_to(principal).order_by("-id")
    if product_id is not None:
        reviews = reviews.filter(product_id=product_id)
    if rating is not None:
        reviews = reviews.filter(rating=rating)
    return reviews


def count_ratings(product_id: int) -> dict[str, int]:
    """How many shown reviews of a product gave 1, 2, … 5. One query."""
    shown = Review.objects.filter(product_id=product_id, state=ReviewState.VISIBLE).order_by()
    found = dict(shown.values_list("rating").annotate(Count("pk")))
    return {str(rating): found.get(rating, 0) for rating in range(1, 6)}


def get_review(review_id: int, principal: User | AnonymousUser) -> Review:
    """One review. Raises ReviewNotFound when there is none or it is not the principal's to see."""
    review = reviews_visible_to(principal).filter(pk=review_id).first()
    if review is None:
        raise ReviewNotFound
    return review


def reports_visible_to(principal: User | AnonymousUser) -> QuerySet[ReviewReport]:
    """What people reported: operators see it, nobody else."""
    reports = ReviewReport.objects.select_related("review__product", "user")
    is_operator = principal.is_authenticated and principal.is_operator
    return reports if is_operator else reports.none()


_CHECKS = {
    "a product's rating is the sum of its visible reviews": """
        SELECT 'product ' || product.id, coalesce(told.total, 0), product.rating_sum
        FROM catalog_product AS product
        LEFT JOIN (SELECT product_id, sum(rating) AS total FROM reviews_review WHERE state = 'visible'
                   GROUP BY product_id) AS told ON told.product_id = product.id
        WHERE product.rating_sum <> coalesce(told.total, 0)
        ORDER BY product.id""",
    "a product's number of reviews is that of its visible ones": """
        SELECT 'product ' || product.id, coalesce(told.total, 0), product.reviews_count
        FROM catalog_product AS product
        LEFT JOIN (SELECT product_id, count(*) AS total FROM reviews_review WHERE state = 'visible'
                   GROUP BY product_id) AS told ON told.product_id = product.id
        WHERE product.reviews_count <> coalesce(told.total, 0)
        ORDER BY product.id""",
    "the shop window shows the number of reviews": """
        SELECT 'window of product ' || product.id, product.reviews_count, shown.reviews_count
        FROM catalog_windowrow AS shown JOIN catalog_product AS product ON product.id = shown.product_id
        WHERE shown.reviews_count <> product.reviews_count
        ORDER BY product.id""",
    "the shop window shows the average rating, in hundredths": """
        SELECT 'window of product ' || product.id,
               round(product.rating_sum * 100.0 / greatest(product.reviews_count, 1)),
               round(shown.rating * 100)
        FROM catalog_windowrow AS shown JOIN catalog_product AS product ON product.id = shown.product_id
        WHERE shown.rating <> round(product.rating_sum::numeric / greatest(product.reviews_count, 1), 2)
        ORDER BY product.id""",
}


def list_discrepancies(*, limit: int = 1000) -> list[Discrepancy]:
    """Where ratings and reviews do not agree: nothing, if all is well. Four queries, each over whole
    tables.
    """
    found: list[Discrepancy] = []
    with connection.cursor() as cursor:
        for check, sql in _CHECKS.items():
            cursor.execute(f"{sql} LIMIT %s", [limit])
            found.extend(
                Discrepancy(check, subject, int(expected), int(actual))
                for subject, expected, actual in cursor.fetchall()
            )
    return found
