"""Attributes and their choices, made at run time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.catalog.errors import AttributeInUse
from karvon.catalog.inputs import Texts, ValueInput
from karvon.catalog.models import Attribute, AttributeChoice, ProductAttribute, VariantAttribute
from karvon.catalog.services.categories import require_operator
from karvon.catalog.services.refreshing import list_products_with_attribute, refresh_or_announce
from karvon.catalog.texts import assign, require_text
from karvon.catalog.window.locks import own_texts
from karvon.kernel.db import transactional
from karvon.kernel.errors import Conflict, NotFound, ValidationFailed

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def create_attribute(
    *, actor: User | None, code: str, names: Texts, type: str, unit: str = "", is_filterable: bool = True,
    is_option: bool = False, position: int = 0, choices: Sequence[ValueInput] = (),
) -> Attribute:  # fmt: skip
    """A new attribute with its choices. Raises Conflict when the code is taken."""
    require_operator(actor)
    require_text(names, "name")
    if Attribute.objects.filter(code=code).exists():
        raise Conflict(details={"code": [_("There is an attribute with this code.")]})
    row = Attribute(
        code=code, type=type, unit=unit, is_filterable=is_filterable, is_option=is_option, position=position
    )
    assign(row, "name", names)
    row.save()
    _write_choices(row, choices)
    return row


@transactional
def update_attribute(
    *, attribute_id: int, actor: User | None, names: Texts | None = None, unit: str | None = None,
    is_filterable: bool | None = None, is_option: bool | None = None, position: int | None = None,
    choices: Sequence[ValueInput] | None = None,
) -> Attribute:  # fmt: skip
    """Change what is given; the type stays, because values have it. Choices as in `set_choices`."""
    require_operator(actor)
    own_texts()
    row = _lock(attribute_id)
    assign(row, "name", names)
    for name, value in (
        ("unit", unit),
        ("is_filterable", is_filterable),
        ("is_option", is_option),
        ("position", position),
    ):
        if value is not None:
            setattr(row, name, value)
    row.save()
    if choices is not None:
        _write_choices(row, choices)
    refresh_or_announce(list_products_with_attribute(row.pk))
    return row


@transactional
def set_choices(*, attribute_id: int, actor: User | None, choices: Sequence[ValueInput]) -> Attribute:
    """Add choices, or change the labels of those whose code is known."""
    require_operator(actor)
    own_texts()
    row = _lock(attribute_id)
    _write_choices(row, choices)
    refresh_or_announce(list_products_with_attribute(row.pk))
    return row


@transactional
def delete_attribute(*, attribute_id: int, actor: User | None) -> None:
    """Raises AttributeInUse while products have it."""
    require_operator(actor)
    row = _lock(attribute_id)
    for model in (ProductAttribute, VariantAttribute):
        if model._default_manager.filter(attribute=row).exists():
            raise AttributeInUse
    row.delete()


def _lock(attribute_id: int) -> Attribute:
    row = Attribute.objects.select_for_update().filter(pk=attribute_id).first()
    if row is None:
        raise NotFound
    return row


def _write_choices(row: Attribute, choices: Sequence[ValueInput]) -> None:
    if choices and row.type not in ("choice", "colour"):
        raise ValidationFailed(details={"choices": [_("Only choices and colours have these.")]})
    known = {choice.code: choice for choice in row.choices.all()}
    for position, given in enumerate(choices):
        choice = known.get(str(given.value)) or AttributeChoice(attribute=row, code=str(given.value))
        assign(choice, "label", given.labels)
        choice.colour = given.colour or choice.colour
        choice.position = position
        choice.save()
