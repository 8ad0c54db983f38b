"""What imports and exports announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class CatalogJobQueued(DomainEvent):
    """An import or export waits for a worker."""

    TYPE: ClassVar[str] = "catalog.job_queued"
    job_id: int
