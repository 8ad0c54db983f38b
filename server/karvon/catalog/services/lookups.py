"""Attributes, choices and tags by their names, looked up once per batch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from karvon.catalog.errors import UnknownAttribute
from karvon.catalog.inputs import ValueInput
from karvon.catalog.models import Attribute, AttributeChoice, AttributeType, Tag
from karvon.catalog.texts import columns
from karvon.kernel.errors import ValidationFailed

_CHOICES = (AttributeType.CHOICE, AttributeType.COLOUR)


class CatalogLookups:
    """Remembers what it found. One object serves one batch in one process; rows are made with ON CONFLICT, so two
    batches at once end up with the same rows.
    """

    def __init__(self) -> None:
        self._attributes: dict[str, Attribute] = {}
        self._choices: dict[tuple[int, str], AttributeChoice] = {}
        self._tags: dict[str, Tag] = {}

    def attribute(self, value: ValueInput, *, creates: bool) -> Attribute:
        """Raises UnknownAttribute when there is none and none may be made."""
        if value.code not in self._attributes:
            if creates:
                names = value.names or {"en": value.code}
                fields = {"type": value.type, "unit": value.unit, "is_option": value.is_option,
                          "name": next(iter(names.values())), **columns("name", names)}  # fmt: skip
                row = Attribute(code=value.code, **fields)
                Attribute.objects.bulk_create([row], ignore_conflicts=True)
            found = Attribute.objects.filter(code=value.code).first()
            if found is None:
                raise UnknownAttribute(params={"code": value.code})
            self._attributes[value.code] = found
        return self._attributes[value.code]

    def choice(self, attribute: Attribute, value: ValueInput, *, creates: bool) -> AttributeChoice:
        code = str(value.value)
        key = (attribute.pk, code)
        if key not in self._choices:
            if creates:
                labels = value.labels or {"en": code}
                row = AttributeChoice(
                    attribute=attribute,
                    code=code,
                    colour=value.colour,
                    label=next(iter(labels.values())),
                    **columns("label", labels),
                )
                AttributeChoice.objects.bulk_create([row], ignore_conflicts=True)
            found = AttributeChoice.objects.filter(attribute=attribute, code=code).first()
            if found is None:
                raise UnknownAttribute(params={"code": f"{attribute.code}={code}"})
            self._choices[key] = found
        return self._choices[key]

    def tag(self, name: str) -> Tag:
        """By slug of the name; made when there is none."""
        slug = slugify(name, allow_unicode=True)[:80] or "tag"
        if slug not in self._tags:
            shown = name.strip()[:64]
            Tag.objects.bulk_create([Tag(slug=slug, name=shown, name_en=shown)], ignore_conflicts=True)
            self._tags[slug] = Tag.objects.get(slug=slug)
        return self._tags[slug]

    def columns_of(self, value: ValueInput, *, creates: bool) -> dict[str, Any]:
        """The columns of an attribute value row. Raises ValidationFailed when it does not fit the attribute's type."""
        attribute = self.attribute(value, creates=creates)
        empty: dict[str, Any] = {"choice": None, "number": None, "text": None, "boolean": None}
        try:
            filled = self._filled(attribute, value, creates=creates)
        except (ValueError, ArithmeticError) as error:
            raise ValidationFailed(details={"attributes": [f"{attribute.code}: {value.value}"]}) from error
        return {"attribute": attribute, **empty, **filled}

    def _filled(self, attribute: Attribute, value: ValueInput, *, creates: bool) -> dict[str, Any]:
        if attribute.type in _CHOICES:
            return {"choice": self.choice(attribute, value, creates=creates)}
        if attribute.type == AttributeType.NUMBER:
            number = Decimal(str(value.value))
            if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
                raise ValueError(number)
            return {"number": round(number, 4)}
        if attribute.type == AttributeType.BOOLEAN:
            if not isinstance(value.value, bool):
                raise ValueError(value.value)
            return {"boolean": value.value}
        return {"text": str(value.value)[:500]}
