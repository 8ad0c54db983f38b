"""Amounts as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from karvon.kernel.formats import format_amount, format_whole_amount, plain_number


@pytest.mark.parametrize(
    ("language", "currency", "shown"),
    [
        ("en", "UZS", "UZS\u00a01,450,000.50"),
        ("en", "USD", "$1,450,000.50"),
        ("ru", "UZS", "1\u00a0450\u00a0000,50\u00a0UZS"),
        ("uz", "UZS", "1\u00a0450\u00a0000,50\u00a0so\u02bbm"),
        ("ar", "UZS", "\u200f1,450,000.50\u00a0UZS"),
    ],
)
def test_an_amount_is_written_as_its_language_writes_it(language, currency, shown):
    assert format_amount(Decimal("1450000.500"), currency, language) == shown


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "UZS\u00a01,450,000"), ("ru", "1\u00a0450\u00a0000\u00a0UZS")]
)
def test_a_figure_has_no_fraction(language, shown):
    assert format_whole_amount(Decimal("1450000.000"), "UZS", language) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("12000.500", "12000.5"), ("12000.000", "12000"), ("0.000", "0")]
)
def test_a_number_shows_the_places_that_say_something(number, shown):
    assert plain_number(Decimal(number)) == shown
