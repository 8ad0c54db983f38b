"""What this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class DocumentIssued(DomainEvent):
    """An invoice, a receipt or a credit note was written; its file is not made yet."""

    TYPE: ClassVar[str] = "documents.document_issued"

    document_id: int
    order_id: int
    merchant_id: int
    kind: str
