"""What this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class AssetStored(DomainEvent):
    """A picture is stored; its renditions are still to be made."""

    TYPE: ClassVar[str] = "media.asset_stored"
    asset_id: int


@dataclass(frozen=True)
class RenditionsReady(DomainEvent):
    """All sizes and formats of a picture can be loaded."""

    TYPE: ClassVar[str] = "media.renditions_ready"
    asset_id: int


@dataclass(frozen=True)
class AssetDescribed(DomainEvent):
    """A picture has another alternative text."""

    TYPE: ClassVar[str] = "media.asset_described"
    asset_id: int
