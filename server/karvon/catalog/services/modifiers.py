"""Questions asked about dishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.catalog.inputs import Texts
from karvon.catalog.models import Modifier, ModifierGroup
from karvon.catalog.services.refreshing import refresh_or_announce
from karvon.catalog.texts import assign, require_text
from karvon.catalog.window.locks import own_texts
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound, ValidationFailed
from karvon.merchants import policies

if TYPE_CHECKING:
    from karvon.accounts.models import User


@dataclass(frozen=True)
class ModifierInput:
    names: Texts
    price_delta: Decimal = Decimal(0)
    is_active: bool = True
    id: int | None = None


@transactional
def create_modifier_group(
    *,
    merchant_id: int,
    actor: User | None,
    names: Texts,
    min_picks: int,
    max_picks: int,
    modifiers: Sequence[ModifierInput],
) -> ModifierGroup:
    """A group with its modifiers. Raises ValidationFailed when the picks make no sense."""
    policies.require(actor, merchant_id, policies.Action.MANAGE_CATALOGUE)
    require_text(names, "name")
    row = ModifierGroup(merchant_id=merchant_id)
    _write(row, names, min_picks, max_picks, modifiers)
    return row


@transactional
def update_modifier_group(
    *, group_id: int, actor: User | None, names: Texts | None = None, min_picks: int | None = None,
    max_picks: int | None = None, modifiers: Sequence[ModifierInput] | None = None,
) -> ModifierGroup:  # fmt: skip
    """Change what is given; modifiers are known by id, those not given are withdrawn."""
    row = _lock(group_id, actor)
    low = row.min_picks if min_picks is None else min_picks
    high = row.max_picks if max_picks is None else max_picks
    _write(row, names, low, high, modifiers)
    refresh_or_announce(row.links.values_list("product_id", flat=True))
    return row


@transactional
def delete_modifier_group(*, group_id: int, actor: User | None) -> None:
    row = _lock(group_id, actor)
    shown = list(row.links.values_list("product_id", flat=True))
    row.delete()
    refresh_or_announce(shown)


def _lock(group_id: int, actor: User | None) -> ModifierGroup:
    own_texts()
    row = ModifierGroup.objects.select_for_update(of=("self",)).filter(pk=group_id).first()
    if row is None:
        raise NotFound
    policies.require(actor, row.merchant_id, policies.Action.MANAGE_CATALOGUE)
    return row


def _write(
    row: ModifierGroup, names: Texts | None, low: int, high: int, modifiers: Sequence[ModifierInput] | None
) -> None:
    if not (high >= 1 and high >= low >= 0):
        raise ValidationFailed(details={"max_picks": [_("At least one, and not less than the minimum.")]})
    row.min_picks, row.max_picks = low, high
    assign(row, "name", names)
    row.save()
    if modifiers is None:
        return
    known = {modifier.pk: modifier for modifier in row.modifiers.all()}
    for position, given in enumerate(modifiers):
        modifier = known.pop(given.id or 0, None) or Modifier(group=row)
        assign(modifier, "name", given.names)
        modifier.price_delta, modifier.is_active, modifier.position = (
            given.price_delta,
            given.is_active,
            position,
        )
        modifier.save()
    Modifier.objects.filter(pk__in=known).update(is_active=False)
