"""From what the forms hold to what the services take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from karvon.catalog.inputs import ValueInput
from karvon.catalog.models import Attribute, AttributeType
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import LANGUAGES

CHOSEN = (AttributeType.CHOICE, AttributeType.COLOUR)


def read_texts(given: Mapping[str, Any], field: str) -> dict[str, str]:
    """{"uz": …} of a translated field, for the languages that the form has."""
    return {
        language: given[f"{field}_{language}"] or ""
        for language in LANGUAGES
        if f"{field}_{language}" in given
    }


def kept_rows(formset: Any) -> Iterator[Any]:
    """The forms of rows that stay: filled in and not marked for removal."""
    for form in formset.forms:
        data = getattr(form, "cleaned_data", None)
        if data and not data.get("DELETE") and (form.instance.pk or form.has_changed()):
            yield form


def find_formset(formsets: Any, model: type[Any]) -> Any | None:
    return next((formset for formset in formsets if formset.model is model), None)


def read_value(given: Mapping[str, Any]) -> ValueInput:
    """An attribute's value from the column that fits its type. Raises ValidationFailed when that one is
    empty.
    """
    attribute: Attribute = given["attribute"]
    value: str | Decimal | bool | None
    if attribute.type in CHOSEN:
        choice = given.get("choice")
        fits = choice is not None and choice.attribute_id == attribute.pk
        value = choice.code if fits else None
    else:
        value = given.get({"number": "number", "boolean": "boolean"}.get(attribute.type, "text"))
    if value is None or value == "":
        raise ValidationFailed(details={"attributes": [f"{attribute}: {attribute.get_type_display()}"]})
    return ValueInput(code=attribute.code, value=value, type=attribute.type)


def read_values(formset: Any) -> tuple[ValueInput, ...]:
    return tuple(read_value(form.cleaned_data) for form in kept_rows(formset))
