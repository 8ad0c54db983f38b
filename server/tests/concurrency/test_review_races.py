"""Ratings under many customers at once, each with its control."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from karvon.accounts.tests.factories import make_user
from karvon.catalog.models import Product, WindowRow
from karvon.reviews.errors import AlreadyReviewed
from karvon.reviews.models import Review
from karvon.reviews.selectors import list_discrepancies
from karvon.reviews.services import (
    ReviewInput,
    create_review,
    delete_review,
    hide_review,
    unhide_review,
    update_review,
)
from karvon.reviews.tests.factories import make_review, make_shown_product, rating_of
from tests.concurrency.crowds import Meeting, count_of, run_crowd

pytestmark = pytest.mark.django_db(transaction=True)


def write(product, author, rating):
    return create_review(author=author, product_id=product.pk, review=ReviewInput(rating=rating))


def test_fifty_customers_review_at_once():
    product = make_shown_product()
    ratings = [number % 5 + 1 for number in range(50)]
    authors = [make_user() for _ in ratings]

    results = run_crowd(
        [partial(write, product, author, rating) for author, rating in zip(authors, ratings, strict=True)]
    )

    assert count_of(results, Review) == 50
    assert rating_of(product) == (sum(ratings), 50)
    window = WindowRow.objects.get(pk=product.pk)
    assert (float(window.rating), window.reviews_count) == (3.0, 50)
    assert list_discrepancies() == []


def test_control_adding_up_without_the_products_lock_loses_reviews():
    product = make_shown_product()
    authors = [make_user(), make_user()]
    meeting = Meeting(2)

    def naive_write(author):
        with transaction.atomic():
            seen = Product.objects.get(pk=product.pk)
            Review.objects.create(product=product, user=author, rating=5)
            meeting.wait()
            Product.objects.filter(pk=product.pk).update(
                rating_sum=seen.rating_sum + 5, reviews_count=seen.reviews_count + 1
            )

    run_crowd([partial(naive_write, author) for author in authors])

    assert Review.objects.count() == 2
    assert rating_of(product) == (5, 1)
    assert list_discrepancies() != []


def test_one_customer_with_twenty_windows_open():
    product, author = make_shown_product(), make_user()

    results = run_crowd([partial(write, product, author, 5)] * 20)

    assert (count_of(results, Review), count_of(results, AlreadyReviewed)) == (1, 19)
    assert rating_of(product) == (5, 1)


def test_writing_changing_hiding_and_deleting_at_once():
    product = make_shown_product()
    kept, changed, deleted, hidden = (
        [make_review(product=product, rating=1) for _ in range(8)] for _ in range(4)
    )
    actions = [partial(write, product, make_user(), 5) for _ in range(8)]
    actions += [
        partial(update_review, review_id=review.pk, changes={"rating": 4}, actor=review.user)
        for review in changed
    ]
    # the same review deleted twice, and changed while it is deleted
    for review in deleted:
        actions += [partial(delete_review, review_id=review.pk, actor=review.user)] * 2
        actions.append(partial(update_review, review_id=review.pk, changes={"rating": 5}, actor=review.user))
    for review in hidden:
        actions += [partial(hide_review, review_id=review.pk, reason="", actor=None)] * 2
    actions += [partial(unhide_review, review_id=review.pk, actor=None) for review in kept]

    run_crowd(actions)

    # 8 new fives, 8 changed to four, 8 untouched ones; what was deleted or hidden is gone
    assert rating_of(product) == (8 * 5 + 8 * 4 + 8 * 1, 24)
    assert list_discrepancies() == []
