"""What customers do: write a review, change it, take it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.catalog.models import Product, WindowRow
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.merchants.selectors import merchant_ids_of
from karvon.reviews import purchases
from karvon.reviews.errors import (
    AlreadyReviewed,
    NotYourReview,
    OwnProduct,
    ProductNotReviewable,
    ReviewNotFound,
)
from karvon.reviews.models import Review
from karvon.reviews.ratings import NO_WEIGHT, lock_product, move_rating, weigh
from karvon.reviews.selectors import get_review
from karvon.reviews.texts import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karvon.accounts.models import User

LONGEST_TITLE = 200
LONGEST_COMMENT = 5000
LONGEST_SIGNATURE = 64


@dataclass(frozen=True, slots=True)
class ReviewInput:
    """What somebody says of a product: `rating` 1 to 5, plain text. `signed_as` is how the author wants to be called."""

    rating: int
    title: str = ""
    comment: str = ""
    signed_as: str = ""


@transactional
def create_review(*, author: User, product_id: int, review: ReviewInput) -> Review:
    """The author's only review of a product in the shop window.

    Raises ProductNotReviewable (404), AlreadyReviewed (409), OwnProduct (403), ValidationFailed.
    """
    checked = _check(review)
    product = _lock_shown_product(product_id)
    if product.merchant_id in merchant_ids_of(author):
        raise OwnProduct
    row = Review(
        product_id=product.pk,
        user=author,
        rating=checked.rating,
        title=checked.title,
        comment=checked.comment,
        signed_as=checked.signed_as,
        is_verified=purchases.has_bought(author.pk, product.pk),
    )
    _insert(row)
    move_rating(product, before=NO_WEIGHT, after=weigh(row))
    return row


@transactional
def update_review(
    *, review_id: int, changes: Mapping[str, Any], actor: User, product_id: int | None = None
) -> Review:
    """Changes `rating`, `title` or `comment`, whichever are named; a hidden review stays hidden. `product_id` may be told, and
    is the product that it is about.

    Raises ReviewNotFound, NotYourReview (403), ValidationFailed.
    """
    known_review = get_review(review_id, actor)
    if known_review.user_id != actor.pk:
        raise NotYourReview
    if product_id not in (None, known_review.product_id):
        message = _("A review stays with its product.")
        raise ValidationFailed(message, details={"product": [message]})
    product, row = lock_review(review_id)
    before = weigh(row)
    known = ReviewInput(rating=row.rating, title=row.title, comment=row.comment, signed_as=row.signed_as)
    checked = _check(replace(known, **{name: changes[name] for name in changes if hasattr(known, name)}))
    row.rating, row.title, row.comment = checked.rating, checked.title, checked.comment
    # bought since it was written
    row.is_verified = row.is_verified or purchases.has_bought(actor.pk, row.product_id)
    row.save(update_fields=["rating", "title", "comment", "is_verified", "updated_at"])
    move_rating(product, before=before, after=weigh(row))
    return row


@transactional
def delete_review(*, review_id: int, actor: User | None) -> None:
    """Removes a review: its author's right and the operators'. Raises ReviewNotFound, NotYourReview (403)."""
    if actor is not None and not actor.is_operator and get_review(review_id, actor).user_id != actor.pk:
        raise NotYourReview
    product, row = lock_review(review_id)
    before = weigh(row)
    row.delete()
    move_rating(product, before=before, after=NO_WEIGHT)


def lock_review(review_id: int) -> tuple[Product, Review]:
    """A review and its product under the product's lock. Raises ReviewNotFound."""
    product_id = Review.objects.filter(pk=review_id).values_list("product_id", flat=True).first()
    product = None if product_id is None else lock_product(product_id)
    # read after the lock: whoever held it may have changed or removed the review
    row = Review.objects.select_for_update(of=("self",)).filter(pk=review_id).first() if product else None
    if product is None or row is None:
        raise ReviewNotFound
    return product, row


def _lock_shown_product(product_id: int) -> Product:
    product = lock_product(product_id)
    if product is None or not WindowRow.objects.filter(pk=product_id, is_visible=True).exists():
        raise ProductNotReviewable
    return product


def _insert(row: Review) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if constraint != "review_one_per_product_and_customer":
            raise
        raise AlreadyReviewed from None


def _check(review: ReviewInput) -> ReviewInput:
    title = clean_text(review.title, is_multiline=False)
    comment = clean_text(review.comment, is_multiline=True)
    problems: dict[str, list[str]] = {}
    if not 1 <= review.rating <= 5:
        problems["rating"] = [_("A rating is from 1 to 5.")]
    if len(title) > LONGEST_TITLE:
        problems["title"] = [_("At most %(most)d characters.") % {"most": LONGEST_TITLE}]
    signed_as = clean_text(review.signed_as, is_multiline=False)
    if len(signed_as) > LONGEST_SIGNATURE:
        problems["name"] = [_("At most %(most)d characters.") % {"most": LONGEST_SIGNATURE}]
    if len(comment) > LONGEST_COMMENT:
        problems["comment"] = [_("At most %(most)d characters.") % {"most": LONGEST_COMMENT}]
    if problems:
        raise ValidationFailed(details=problems)
    return ReviewInput(rating=review.rating, title=title, comment=comment, signed_as=signed_as)
