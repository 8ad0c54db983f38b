"""Which tables the audit log watches, and why the others need no watching.

Every model with a table has one line in its room's `audited.py`: `record(Model, …)` or `exempt(Model, "why")`. Columns whose
names sound like secrets or personal data are masked unless the line shows them by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.db.models import Model

# passwords and tokens, ways to reach a person, where they live, what they are paid to, who they are
SENSITIVE: Final = re.compile(
    r"pass(?:word|port)|token|secret|api_?key|otp|jti|hash|mail|phone|address|line1|line2|postal|latitude|longitude|birth"
    r"|recipient|instructions|first_name|last_name|contact_|customer_(?:name|key)|iban|swift|bank|account|card|document"
    r"|tax_id|(?:^|_)ip$|user_agent|cart_key|text_body|html_body|session"
)


@dataclass(frozen=True)
class Watched:
    """A table whose changes are recorded. `merchant` is a path of foreign keys to the merchant, such as "product__merchant",
    "pk" for the merchant's own table, or empty; `ignores` and `masks` are columns.
    """

    model: type[Model]
    merchant: str
    ignores: tuple[str, ...]
    masks: tuple[str, ...]


_watched: dict[str, Watched] = {}
_exempt: dict[str, str] = {}


def record(
    model: type[Model],
    *,
    merchant: str = "",
    ignores: tuple[str, ...] = (),
    masks: tuple[str, ...] = (),
    shows: tuple[str, ...] = (),
) -> None:
    """Watch a model's table. `ignores`: columns whose change is no deed (timestamps, counters); `masks`: columns that are
    hidden although their names sound harmless; `shows`: columns that are not hidden although their names do not.
    """
    columns = [str(field.column) for field in model._meta.local_concrete_fields]
    unknown = {*ignores, *masks, *shows} - set(columns)
    if unknown:
        raise ValueError(f"{model._meta.label} has no columns {sorted(unknown)}")
    masked = tuple(
        column for column in columns if column in masks or (SENSITIVE.search(column) and column not in shows)
    )
    _watched[model._meta.label_lower] = Watched(model, merchant, ignores, masked)


def exempt(model: type[Model], why: str) -> None:
    """Leave a model's table unwatched, for a reason."""
    _exempt[model._meta.label_lower] = why


def list_watched() -> list[Watched]:
    """Every watched table, by the model's label."""
    return [_watched[label] for label in sorted(_watched)]


def find_undeclared() -> list[str]:
    """What is missing or doubled in the rooms' declarations, each said with the line that mends it."""
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        label = model._meta.label_lower
        if label in _watched and label in _exempt:
            wrong.append(f"{label} is both recorded and exempt: keep one of the two lines")
        elif label not in _watched and label not in _exempt:
            wrong.append(_advice(model))
    return wrong


def _advice(model: type[Model]) -> str:
    maker = model._meta.auto_created
    owner = maker if isinstance(maker, type) else model
    name = model.__name__
    if isinstance(maker, type):
        field = next(
            each.name for each in maker._meta.local_many_to_many if each.remote_field.through is model
        )
        name = f"{maker.__name__}.{field}.through"
    return (
        f"{model._meta.label} is not in the audit log. Add one line to karvon/{owner._meta.app_label}/audited.py: "
        f'`record({name}, merchant="<path of foreign keys to its merchant, if any>")` when people of the back office write it, '
        f'or `exempt({name}, "<why nobody needs to know who wrote it>")`; both come from karvon.audit.registry'
    )
