"""Quantities read from files go to the stock room, which is a floor above: it registers itself here.

`inventory` calls `register` in its AppConfig.ready. Without it quantities are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from karvon.accounts.models import User
    from karvon.merchants.models import Merchant

# (merchant, {variant id: units on hand at the default branch}, actor) -> ids of the variants that changed.
# Called inside the product's transaction, before its window rows are written.
StockWriter = Callable[["Merchant", Mapping[int, int], "User | None"], Sequence[int]]
# (merchant, variant ids) -> {variant id: units on hand at the default branch}, for exports and unchanged
# detection.
StockReader = Callable[["Merchant", Sequence[int]], Mapping[int, int]]

_writers: list[StockWriter] = []
_readers: list[StockReader] = []


def register(write: StockWriter, read: StockReader) -> None:
    """Make the stock room the keeper of imported quantities; registering again replaces what was there."""
    _writers[:] = [write]
    _readers[:] = [read]


def set_on_hand(merchant: Merchant, quantities: Mapping[int, int], actor: User | None) -> Sequence[int]:
    """Set units on hand of these variants at the merchant's default branch; ids of those that changed."""
    if not quantities or not _writers:
        return ()
    return _writers[0](merchant, quantities, actor)


def get_on_hand(merchant: Merchant, variant_ids: Sequence[int]) -> Mapping[int, int]:
    """Units on hand at the default branch; variants never counted are absent."""
    if not variant_ids or not _readers:
        return {}
    return _readers[0](merchant, variant_ids)
