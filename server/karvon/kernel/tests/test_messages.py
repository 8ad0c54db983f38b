"""What Karvon says, in four languages."""

from __future__ import annotations

import re

import pytest
from babel.messages.mofile import read_mo
from django.utils import translation
from django.utils.translation import gettext

from karvon.kernel.messages import FOLDER, MAILS, TRANSLATED, list_messages, open_catalog

PLACES = re.compile(r"%\(\w+\)[sd]|{\w*}|%s")
# new sentences may wait for their translators, but not many of them
MOST_UNTRANSLATED = 0.03


@pytest.fixture(scope="module")
def messages():
    return list_messages()


@pytest.mark.parametrize("language", TRANSLATED)
def test_nearly_everything_is_translated(language, messages):
    catalogs = (open_catalog(language), open_catalog(language, MAILS))
    known = {each.id for catalog in catalogs for each in catalog if each.string}
    missing = sorted(messages - known)

    assert len(messages) > 700
    assert len(missing) <= MOST_UNTRANSLATED * len(messages), missing


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_put_the_same_things_into_the_sentence(language):
    differing = {
        message.id: message.string
        for message in open_catalog(language)
        if message.string and sorted(PLACES.findall(message.id)) != sorted(PLACES.findall(message.string))
    }

    assert differing == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_translations_are_those_of_the_text(language):
    with (FOLDER / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}

    assert compiled == {each.id: each.string for each in open_catalog(language) if each.id and each.string}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("uz", "Zaxira yetarli emas."), ("ru", "Недостаточно товара."), ("ar", "المخزون غير كافٍ.")],
)
def test_a_refusal_is_told_in_the_readers_language(language, sentence):
    with translation.override(language):
        assert gettext("There is not enough in stock.") == sentence
