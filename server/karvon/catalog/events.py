"""What this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class ShownTextChanged(DomainEvent):
    """A text that many products show was changed; their windows are rewritten by a task, in batches.

    `kind` is category, attribute, tag, collection or modifier_group.
    """

    TYPE: ClassVar[str] = "catalog.shown_text_changed"

    kind: str
    row_id: int
