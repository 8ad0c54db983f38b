from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from babel.numbers import get_currency_precision, list_currencies
from hypothesis import given
from hypothesis import strategies as st

from karvon.kernel.fields import AmountField, CurrencyField
from karvon.kernel.formats import format_amount, plain_number, show_amount
from karvon.kernel.money import Money, exponent_of, money_json, round_amount

CURRENCIES = ["UZS", "USD", "EUR", "RUB", "SAR", "JPY", "KRW", "KWD", "BHD"]
currencies = st.sampled_from(CURRENCIES)
amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=3)
moneys = st.builds(Money, amounts, currencies)
weights = st.one_of(
    st.integers(0, 10**9), st.decimals(min_value=0, max_value=10**6, places=3), st.sampled_from([0, 1])
)

# CLDR counts what stands on a price tag; ISO 4217 has minor units where nobody uses them, and we count those
ISO_HAS_HUNDREDTHS = {
    "AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "MRU", "RSD", "SLE", "SLL", "SOS", "STN", "SYP", "YER",
}  # fmt: skip
RETIRED = {"ADP", "AFA", "BYR", "CSD", "ESP", "GWP", "ITL", "LUF", "MGF", "MRO", "STD", "TMM", "TPE", "TRL"}
RETIRED |= {"ZMK", "ZWD", "ZWG", "CLF", "UYI", "UYW", "XXX"}


@pytest.mark.parametrize("currency", ["UZS", "USD", "EUR", "RUB", "SAR", "KZT", "AED", "TRY", "CNY", "GBP"])
def test_most_currencies_have_hundredths(currency):
    assert exponent_of(currency) == 2


def test_exponents_agree_with_the_locale_data_where_it_follows_iso():
    told_apart = {
        code: (exponent_of(code), get_currency_precision(code))
        for code in list_currencies()
        if exponent_of(code) != get_currency_precision(code)
    }

    assert set(told_apart) - ISO_HAS_HUNDREDTHS - RETIRED == {"IQD", "UGX"} & set(told_apart)
    assert {exponent_of(code) for code in ("JPY", "KRW", "VND", "CLP")} == {0}
    assert {exponent_of(code) for code in ("KWD", "BHD", "OMR", "JOD", "TND")} == {3}


@given(amounts, currencies)
def test_rounding_goes_half_up_to_the_minor_unit(amount, currency):
    rounded = round_amount(amount, currency)

    unit = Decimal(1).scaleb(-exponent_of(currency))
    assert rounded == (amount / unit).to_integral_value(ROUND_HALF_UP) * unit
    assert abs(rounded - amount) <= unit / 2
    assert round_amount(rounded, currency) == rounded


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "UZS", "0.01"),
        ("-0.005", "UZS", "-0.01"),
        ("2.675", "USD", "2.68"),
        ("0.5", "JPY", "1"),
        ("1.0005", "KWD", "1.001"),
        ("-0.004", "USD", "0.00"),
    ],
)
def test_rounding_at_the_edges(amount, currency, rounded):
    assert str(round_amount(Decimal(amount), currency)) == rounded


@given(moneys, st.lists(weights, min_size=1, max_size=40))
def test_allocation_neither_loses_nor_invents_a_minor_unit(money, shares):
    parts = money.allocate(shares)

    assert len(parts) == len(shares)
    assert sum(part.to_minor() for part in parts) == money.to_minor()
    assert all(part.to_minor() * money.to_minor() >= 0 for part in parts)


@given(moneys, st.lists(weights, min_size=1, max_size=20))
def test_allocation_is_fair_to_less_than_a_unit(money, shares):
    parts = money.allocate(shares)

    total = sum(map(Decimal, shares))
    with localcontext(prec=60):
        for part, share in zip(parts, shares, strict=True):
            fair = (Decimal(share) / total) if total else Decimal(1) / len(shares)
            assert abs(part.to_minor() - money.to_minor() * fair) < 1


@given(moneys, st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_allocation_of_nothing_gives_to_nobody_with_no_weight(money, shares):
    parts = money.allocate([*shares, 0])

    assert parts[-1].to_minor() == 0


def test_ties_go_to_the_earlier_share():
    assert [str(part) for part in Money(Decimal("100.00"), "UZS").allocate([1, 1, 1])] == [
        "33.34 UZS",
        "33.33 UZS",
        "33.33 UZS",
    ]
    assert [part.to_minor() for part in Money(Decimal(-2), "JPY").allocate([1, 1, 1])] == [-1, -1, 0]
    assert [part.to_minor() for part in Money(Decimal(5), "JPY").allocate([0, 0])] == [3, 2]


@pytest.mark.parametrize("shares", [[], [1, -1], [Decimal("-0.01")]])
def test_allocation_refuses_weights_that_mean_nothing(shares):
    with pytest.raises(ValueError, match="weights"):
        Money(Decimal(1), "UZS").allocate(shares)


@given(moneys)
def test_minor_units_there_and_back(money):
    assert Money.from_minor(money.to_minor(), money.currency) == money.rounded()


@given(amounts)
def test_json_is_a_plain_decimal_string_that_reads_back_the_same(amount):
    text = money_json(amount)

    assert Decimal(text) == amount
    assert "E" not in text.upper()
    assert len(text.partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("amount", "text"),
    [("45000", "45000.00"), ("0", "0.00"), ("1E+3", "1000.00"), ("0.125", "0.125"), ("12.500", "12.50")],
)
def test_json_has_two_places_at_least(amount, text):
    assert money_json(Decimal(amount)) == text
    assert Money(Decimal(amount), "UZS").to_json() == text


@given(moneys, amounts)
def test_sums_and_differences_undo_each_other(money, amount):
    other = Money(amount, money.currency)

    assert money + other - other == money
    assert money + (-money) == Money.zero(money.currency)
    assert money * 3 == money + money + money
    assert (money < other) == (money.amount < amount)
    assert bool(money) == (money.amount != 0)


@pytest.mark.parametrize("combine", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b])
def test_currencies_do_not_mix(combine):
    with pytest.raises(ValueError, match="do not mix"):
        combine(Money(Decimal(1), "UZS"), Money(Decimal(1), "USD"))
    assert Money(Decimal(1), "UZS") != Money(Decimal(1), "USD")


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_an_amount_is_finite(amount):
    with pytest.raises(ValueError, match="finite"):
        Money(Decimal(amount), "UZS")


@pytest.mark.parametrize("currency", ["", "uzs", "UZ", "UZSS", "Uzs"])
def test_a_currency_is_three_capital_letters(currency):
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(Decimal(1), currency)


def test_columns_keep_three_decimals_and_refuse_what_is_no_currency():
    from django.core.exceptions import ValidationError

    column = AmountField()
    assert (column.max_digits, column.decimal_places) == (15, 3)
    assert CurrencyField().clean("UZS", None) == "UZS"
    for text in ("usd", "US", "US\n", "12A"):
        with pytest.raises(ValidationError):
            CurrencyField().clean(text, None)


def test_people_read_amounts_in_their_language():
    from django.utils import translation

    assert format_amount(Decimal(145000), "UZS", "en") == "UZS\xa0145,000.00"
    assert format_amount(Decimal("1.5"), "JPY", "en") == "¥2"
    with translation.override("ru"):
        assert show_amount(Decimal("145000.000"), "RUB") == "145\xa0000\xa0₽"
        assert show_amount(Decimal("145000.5"), "RUB") == "145\xa0000,50\xa0₽"
    assert plain_number(Decimal("12000.500")) == "12000.5"
    assert plain_number(Decimal("100")) == "100"
