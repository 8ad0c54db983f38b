"""What models and their fields are called, so that names that Django made up can be translated like those that were given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


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


def list_names() -> Iterator[tuple[str, str]]:
    """What the pages of the back office call their models and the fields that they show, each with its model."""
    with translation.override(None):
        for page in [*admin.site._registry.values(), *_inlines()]:
            names = page.model._meta
            yield str(names.verbose_name), names.label
            yield str(names.verbose_name_plural), names.label
            shown = _shown(page)
            for field in [*names.concrete_fields, *names.many_to_many]:
                if field.name in shown and not hasattr(field, "translated_field"):
                    yield str(field.verbose_name), names.label


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
