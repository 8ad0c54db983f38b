"""A product's rating: the sum and number of its visible reviews, kept exact under the product's row lock.

Whoever changes a review takes the product's lock first. It orders all changes of one product's reviews,
so the sum read under it is the one that is changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from karvon.catalog import window
from karvon.catalog.models import Product
from karvon.reviews.models import Review, ReviewState


@dataclass(frozen=True, slots=True)
class Weight:
    """What a review adds to its product's rating: nothing while it is hidden."""

    rating: int = 0
    count: int = 0


NO_WEIGHT = Weight()


def weigh(review: Review) -> Weight:
    """The weight of a review as it is now."""
    return Weight(review.rating, 1) if review.state == ReviewState.VISIBLE else NO_WEIGHT


def lock_product(product_id: int) -> Product | None:
    """The product under its row lock (rows that refer to it may still be written); None if it was deleted."""
    # only the columns that are needed: descriptions in four languages are long
    products = Product.objects.select_for_update(no_key=True).only(
        "merchant_id", "rating_sum", "reviews_count"
    )
    return products.filter(pk=product_id, deleted_at__isnull=True).first()


def move_rating(product: Product, *, before: Weight, after: Weight) -> None:
    """Replaces one review's weight in the rating of a locked product and shows it in the window."""
    if before == after:
        return
    product.rating_sum += after.rating - before.rating
    product.reviews_count += after.count - before.count
    Product.objects.filter(pk=product.pk).update(
        rating_sum=product.rating_sum, reviews_count=product.reviews_count
    )
    window.record_rating(product.pk, product.rating_sum, product.reviews_count)
