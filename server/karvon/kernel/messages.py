"""The sentences that Karvon says, and their translations: found in the sources, kept in `karvon/locale`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from karvon.kernel.languages import LANGUAGES

PACKAGE = Path(__file__).resolve().parents[1]
FOLDER = PACKAGE / "locale"
# mails are translated where they are written
MAILS = PACKAGE / "notifications" / "locale"
# English is what the sources say
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
_PASSED_OVER = frozenset({"tests", "migrations", "demo", "runtime"})
_KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None}
_IN_TEMPLATES = re.compile(
    r"{% translate (?P<quote>[\"'])(?P<plain>.+?)(?P=quote)"
    r"|{% blocktranslate[^%]*%}(?P<block>.*?){% endblocktranslate %}",
    re.DOTALL,
)
_HEADER = {
    "project": "Karvon",
    "version": "1",
    "copyright_holder": "the Karvon authors",
    "msgid_bugs_address": "",
    "last_translator": "Karvon",
    "language_team": "Karvon",
}
_VARIABLE = re.compile(r"{{ ?(\w+) ?}}")


def list_messages() -> set[str]:
    """Every sentence of the sources and of the templates, and every name of a model or field, in English."""
    return {message for path in _sources() for message in _read(path) if message} | set(_names())


def translate_names() -> None:
    """Lets names that Django made up from identifiers ("product image") be translated like those that were given.

    Only what is shown changes: migrations compare what the models themselves say.
    """
    for model in _models():
        names = model._meta
        if not isinstance(names.verbose_name, Promise):
            names.verbose_name = gettext_lazy(str(names.verbose_name))
        if not isinstance(names.verbose_name_plural, Promise):
            names.verbose_name_plural = gettext_lazy(str(names.verbose_name_plural))
        for field in model._meta.concrete_fields + model._meta.many_to_many:
            if not isinstance(field.verbose_name, Promise):
                field.verbose_name = gettext_lazy(str(field.verbose_name))


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models():
        if model.__module__.startswith("karvon."):
            yield model


def _names() -> Iterator[str]:
    """What the pages of the back office call their models and the fields that they show."""
    with translation.override(None):
        for page in [*admin.site._registry.values(), *_inlines()]:
            names = page.model._meta
            yield str(names.verbose_name)
            yield str(names.verbose_name_plural)
            shown = _shown(page)
            for field in [*names.concrete_fields, *names.many_to_many]:
                if field.name in shown and not hasattr(field, "translated_field"):
                    yield str(field.verbose_name)


def _inlines() -> Iterator[Any]:
    for page in admin.site._registry.values():
        yield from page.inlines


def _shown(page: Any) -> set[str]:
    """The names of the fields that stand in a page's list, filters or form."""
    filters = [item[0] if isinstance(item, tuple) else item for item in getattr(page, "list_filter", ())]
    named = [*getattr(page, "list_display", ()), *filters, *(page.fields or ()), *page.readonly_fields]
    for _title, options in page.fieldsets or ():
        named += options["fields"]
    if not page.fields and not page.fieldsets:
        named += [field.name for field in page.model._meta.fields]
    return {name for name in named if isinstance(name, str)}


def open_catalog(language: str, folder: Path = FOLDER) -> Catalog:
    """The translations into a language; an empty one when there are none yet."""
    path = _path(folder, language)
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update_catalog(language: str, messages: set[str]) -> list[str]:
    """Brings the file of a language in step with the sources, compiles it, and returns what is to be translated."""
    known, mails = open_catalog(language), open_catalog(language, MAILS)
    catalog = Catalog(locale=language, fuzzy=False, header_comment="# Karvon's sentences.", **_HEADER)
    for message in sorted(messages):
        if message not in mails:
            found = known.get(message)
            catalog.add(message, found.string if found is not None else "")
    _path(FOLDER, language).parent.mkdir(parents=True, exist_ok=True)
    # the header's times would change the files although nothing has changed
    catalog.creation_date = catalog.revision_date = known.creation_date
    with _path(FOLDER, language).open("wb") as file:
        write_po(file, catalog, width=110)
    with _path(FOLDER, language).with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return [str(message.id) for message in catalog if message.id and not message.string]


def _path(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "django.po"


def _sources() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".html", ".txt") and not _PASSED_OVER & set(
            path.relative_to(PACKAGE).parts
        ):
            yield path


def _read(path: Path) -> Iterator[str]:
    if path.suffix == ".py":
        for _line, message, _comments, _context in extract_from_file("python", path, keywords=_KEYWORDS):
            yield str(message)
        return
    if "templates" in path.parts:
        for found in _IN_TEMPLATES.finditer(path.read_text(encoding="utf-8")):
            yield found["plain"] or _VARIABLE.sub(r"%(\1)s", found["block"])
