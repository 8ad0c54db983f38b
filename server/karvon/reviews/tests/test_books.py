"""The check of ratings, and texts as they are kept."""

from __future__ import annotations

import pytest

from karvon.catalog.models import Product, WindowRow
from karvon.reviews.selectors import list_discrepancies
from karvon.reviews.services import hide_review
from karvon.reviews.tests.factories import make_review, make_shown_product
from karvon.reviews.texts import clean_text


@pytest.mark.django_db
def test_clean_books_have_nothing_to_tell():
    product = make_shown_product()
    for rating in (5, 4, 4):
        make_review(product=product, rating=rating)
    hide_review(review_id=make_review(product=product, rating=1).pk, reason="", actor=None)

    assert list_discrepancies() == []


@pytest.mark.django_db
def test_an_average_between_two_hundredths_is_rounded_up():
    product = make_shown_product()
    for rating in (4, 4, 4, 4, 4, 4, 4, 5):
        make_review(product=product, rating=rating)

    assert str(WindowRow.objects.get(pk=product.pk).rating) == "4.13"
    assert list_discrepancies() == []


@pytest.mark.django_db
def test_every_wrong_number_is_found():
    product = make_review(rating=4).product
    Product.objects.filter(pk=product.pk).update(rating_sum=9, reviews_count=2)
    WindowRow.objects.filter(pk=product.pk).update(reviews_count=7, rating="4.00")

    found = {(row.check, row.expected, row.actual) for row in list_discrepancies()}

    assert found == {
        ("a product's rating is the sum of its visible reviews", 4, 9),
        ("a product's number of reviews is that of its visible ones", 1, 2),
        ("the shop window shows the number of reviews", 2, 7),
        ("the shop window shows the average rating, in hundredths", 450, 400),
    }


@pytest.mark.parametrize(
    ("raw", "is_multiline", "kept"),
    [
        ("  a\tb \n c ", False, "a b c"),
        ("a\r\nb  \n\n c\x1b[31m", True, "a\nb\n\n c[31m"),
        ("safe\u202egnp.exe", False, "safegnp.exe"),
        ("o\u02bbzbek тили عربي", False, "o\u02bbzbek тили عربي"),
        ("e\u0301", False, "é"),
        ("<script>alert(1)</script>", False, "<script>alert(1)</script>"),
    ],
)
def test_texts_are_kept_plain(raw, is_multiline, kept):
    assert clean_text(raw, is_multiline=is_multiline) == kept
