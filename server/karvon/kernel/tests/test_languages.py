from __future__ import annotations

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from karvon.kernel.formats import direction_of
from karvon.kernel.languages import LANGUAGES, pick_language


def wish(header: str | None) -> str:
    extra = {} if header is None else {"HTTP_ACCEPT_LANGUAGE": header}
    return pick_language(RequestFactory().get("/", **extra))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("uz", "uz"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("AR-sa", "ar"),
        ("uz-Latn-UZ", "uz"),
        ("en;q=0.5, ru;q=0.8", "ru"),
        ("en ; q=0.5 , uz ; q = 0.9", "uz"),
        ("uz;q=0.7,ru;q=0.7", "uz"),  # of two equals the first
        ("uz;q=0, ru;q=0.1", "ru"),
        ("de,fr;q=0.9,ar;q=0.1", "ar"),
        ("ru;q=2, uz;q=0.1", "uz"),
        ("ru;q=nan, uz;q=0.1", "uz"),
        ("ru;q=inf, uz;q=0.1", "uz"),
        ("ru;q=1.0001, uz;q=0.1", "uz"),
    ],
)
def test_the_best_of_ours_wins(header, language):
    assert wish(header) == language


@pytest.mark.parametrize("header", [None, "", "*", "de", "uz;q=0", ";;;", ",", "q=1", "ru;level=1"])
@pytest.mark.parametrize("shop", LANGUAGES)
def test_a_request_without_a_usable_wish_gets_the_language_of_the_shop(header, shop, settings):
    settings.LANGUAGE_CODE = shop

    assert wish(header) == shop


@given(st.text(max_size=300))
def test_no_header_breaks_it(header):
    assert wish(header) in LANGUAGES


def test_only_arabic_runs_from_the_right():
    assert {language: direction_of(language) for language in LANGUAGES} == {
        "uz": "ltr",
        "ru": "ltr",
        "en": "ltr",
        "ar": "rtl",
    }
