"""What a format's reader looks like.

Adding one is a module like its neighbours and a line in the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from karvon.catalog.exchange.rows import ParsedProduct, Row, RowKey


@dataclass(frozen=True)
class Context:
    """What a file does not say about itself."""

    language: str  # of its texts
    currency: str  # of its prices
    kind: str  # of products that do not tell theirs
    now: datetime  # for prices on sale


class CatalogueFormat(Protocol):
    """A reader of one kind of file. Columns are in lower case with single blanks."""

    name: str
    label: str
    required: tuple[str, ...]

    def knows(self, column: str) -> bool:
        """Whether the column is read; others are named in the report as ignored."""

    def new_key(self) -> Callable[[Row], RowKey]:
        """A function that is given every row once, in order, and says which product it belongs to."""

    def parse(self, rows: Sequence[Row], context: Context) -> ParsedProduct:
        """The product that these rows make. Raises ProductRefused with all that is wrong with them."""
