"""Cells into values."""

from decimal import Decimal

import pytest

from karvon.catalog.exchange.guarding import guard, unguard
from karvon.catalog.exchange.naming import attribute_code, choice_code, derived_sku, option_value
from karvon.catalog.exchange.values import parse_amount, parse_count, parse_flag, split_list


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("25", "USD", "25"),
        ("19.99", "USD", "19.99"),
        ("19,99", "USD", "19.99"),
        ("1 299,50", "USD", "1299.50"),
        ("45\u00a0000", "UZS", "45000"),
        ("1,299.50", "USD", "1299.50"),
        ("0", "USD", "0"),
        ("100.00", "JPY", "100"),
        ("1.125", "KWD", "1.125"),
    ],
)
def test_amounts_as_people_write_them(text: str, currency: str, amount: str) -> None:
    assert parse_amount(text, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-5", "must not be negative"),
        ("1e5", "is not a number: 1e5"),
        ("NaN", "is not a number: NaN"),
        ("Infinity", "is not a number: Infinity"),
        ("٣٤", "is not a number: ٣٤"),
        ("1,299", "may mean thousands or decimals: 1,299"),
        ("1.2.3", "is not a number: 1.2.3"),
        ("$5", "is not a number: $5"),
        ("0x10", "is not a number: 0x10"),
        ("1_000", "is not a number: 1_000"),
        ("", "is not a number: "),
        ("999999999999", "is too large"),
        ("9.999", "has more decimals than USD"),
        ("1" * 50, "is not a number: " + "1" * 40 + "…"),
    ],
)
def test_amounts_that_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="^" + reason.replace("$", r"\$").replace(".", r"\.") + "$"):
        parse_amount(text, "USD")


def test_counts_and_flags() -> None:
    assert parse_count("3.0") == 3
    assert [parse_flag(text) for text in ("TRUE", "yes", "1", "False", "0", "no")] == [True] * 3 + [False] * 3
    for text in ("1.5", "three", "-1", "99999999999"):
        with pytest.raises(ValueError, match=r"must be|is not|is too"):
            parse_count(text)
    with pytest.raises(ValueError, match="must be yes or no: perhaps"):
        parse_flag("perhaps")


def test_lists_keep_escaped_separators() -> None:
    assert split_list(r"Red\, dark,  Blue ,, Blue") == ["Red, dark", "Blue"]
    assert split_list(r"A > B \> C", ">") == ["A", "B > C"]


def test_codes_are_ascii_stable_and_tell_words_apart() -> None:
    assert attribute_code("Screen size") == "screen-size"
    assert attribute_code("Цвет") == "tsvet"
    assert attribute_code("O'lcham") == attribute_code("Oʻlcham") == "olcham"
    assert choice_code("1.5 L") != choice_code("15 L")
    assert attribute_code("لون") != attribute_code("حجم")
    assert attribute_code("لون") == attribute_code("لون")
    assert len(attribute_code("x" * 200)) == 64
    assert attribute_code("---")


def test_derived_skus_are_the_same_every_time_and_short_enough() -> None:
    options = [option_value("Size", "XL", "en"), option_value("Colour", "Dark red", "en")]

    assert derived_sku("T-Shirt", options) == "t-shirt-xl-dark-red"
    assert len(derived_sku("x" * 300, options)) == 100
    assert derived_sku("x" * 300, options) != derived_sku("x" * 301, options)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "'", "''", "'=1", "|cmd", "＝1"]
)
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert guard(cell) == f"'{cell}"
    assert unguard(guard(cell)) == cell


@pytest.mark.parametrize("cell", ["", "plain", "1-2", "'tis", "a=b"])
def test_other_cells_are_left_alone(cell: str) -> None:
    assert unguard(cell) == cell
    assert unguard(guard(cell)) == cell
