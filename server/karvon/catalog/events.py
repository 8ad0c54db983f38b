"""What this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class ProductsStale(DomainEvent):
    """A text, picture or rule that many products show was changed: at most 500 of them per event.

    Their windows are rewritten when it is delivered, soon after the change; fewer than 500 are rewritten at once and
    nothing is announced. Handling it twice does no harm.
    """

    TYPE: ClassVar[str] = "catalog.products_stale"

    product_ids: list[int]
