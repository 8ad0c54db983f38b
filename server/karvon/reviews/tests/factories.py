"""Reviews for tests of this room and those above."""

from __future__ import annotations

from itertools import count
from typing import Any

from karvon.accounts.models import User
from karvon.accounts.tests.factories import make_user
from karvon.catalog.models import Product, ProductState, WindowRow
from karvon.kernel import clock
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant
from karvon.reviews.models import Review
from karvon.reviews.services import ReviewInput, create_review

_numbers = count(1)


def make_shown_product(
    *, merchant: Merchant | None = None, is_visible: bool = True, **fields: Any
) -> Product:
    """A product with its row in the shop window."""
    number = next(_numbers)
    merchant = merchant or make_merchant()
    fields.setdefault("title", f"Reviewed thing {number}")
    fields.setdefault("state", ProductState.PUBLISHED)
    product = Product.objects.create(
        merchant=merchant,
        slug=f"reviewed-{number}",
        handle=f"reviewed-{number}",
        currency=merchant.currency,
        **fields,
    )
    WindowRow.objects.create(
        product=product,
        merchant_id=merchant.pk,
        is_visible=is_visible,
        price_min=0,
        price_max=0,
        currency=product.currency,
        created_at=clock.now(),
    )
    return product


def make_review(
    *, product: Product | None = None, author: User | None = None, rating: int = 5, **fields: Any
) -> Review:
    """A review written through the service."""
    product = product or make_shown_product()
    return create_review(
        author=author or make_user(), product_id=product.pk, review=ReviewInput(rating=rating, **fields)
    )


def rating_of(product: Product) -> tuple[int, int]:
    """(sum, number) of a product's rating as it is in the database now."""
    return Product.objects.values_list("rating_sum", "reviews_count").get(pk=product.pk)
