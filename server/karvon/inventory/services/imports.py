"""Quantities that arrive in catalogue files (`catalog.exchange.stock` calls these)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from karvon.inventory.demand import StockChange
from karvon.inventory.models import MovementKind, StockLevel
from karvon.inventory.services.counting import MOST_UNITS, Count, change_counts
from karvon.kernel.errors import ValidationFailed
from karvon.merchants.models import Branch, Merchant

if TYPE_CHECKING:
    from karvon.accounts.models import User


def write_on_hand(merchant: Merchant, quantities: Mapping[int, int], actor: User | None) -> Sequence[int]:
    """Set units on hand at the default branch; the ids of variants whose number changed.

    Runs in the caller's transaction and leaves the window to the caller. Raises BelowPromises (409) when
    orders hold more than the file says, ValidationFailed for impossible numbers.
    """
    if any(not 0 <= units <= MOST_UNITS for units in quantities.values()):
        raise ValidationFailed(details={"on_hand": ["0…1000000000"]})
    branch_id = _default_branch_id(merchant)
    if branch_id is None or not quantities:
        return ()
    counts = [
        Count(variant_id, branch_id, MovementKind.ADJUST, target=units)
        for variant_id, units in sorted(quantities.items())
    ]
    change: StockChange = change_counts(counts, reason="import", actor=actor, refresh_window=False)
    return change.variant_ids


def read_on_hand(merchant: Merchant, variant_ids: Sequence[int]) -> Mapping[int, int]:
    """Units on hand at the default branch by variant; variants never counted are absent."""
    levels = StockLevel.objects.filter(
        variant_id__in=variant_ids, branch__merchant=merchant, branch__is_default=True
    )
    return dict(levels.values_list("variant_id", "on_hand"))


def _default_branch_id(merchant: Merchant) -> int | None:
    """Remembered on the instance: an import asks once per product with the same merchant."""
    known: int | None = getattr(merchant, "_default_branch_id", None)
    if known is None:
        known = Branch.objects.filter(merchant=merchant, is_default=True).values_list("pk", flat=True).first()
        merchant._default_branch_id = known  # type: ignore[attr-defined]
    return known
