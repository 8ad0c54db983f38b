"""Every read of this room."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from karvon.kernel.errors import NotFound
from karvon.media.models import Asset, Rendition
from karvon.media.urls import asset_url

PLATFORM = "platform"


def merchant_ref(merchant_id: int) -> str:
    """The owner reference of a merchant's pictures."""
    return f"merchant:{merchant_id}"


def user_ref(user_id: int) -> str:
    """The owner reference of a person's pictures."""
    return f"user:{user_id}"


def list_assets(*, owner_refs: Collection[str] | None) -> QuerySet[Asset]:
    """Pictures of these owners (None: of all), newest first, with renditions: two queries."""
    assets = Asset.objects.prefetch_related("renditions").order_by("-id")
    return assets if owner_refs is None else assets.filter(owner_ref__in=owner_refs)


def get_asset(*, asset_id: int, owner_refs: Collection[str] | None) -> Asset:
    """One picture of these owners (None: of anyone). Raises NotFound."""
    asset = list_assets(owner_refs=owner_refs).filter(pk=asset_id).first()
    if asset is None:
        raise NotFound
    return asset


def is_used(asset_id: int) -> bool:
    """Whether any row of any room shows this picture (rooms above point at Asset; this one does not know
    them).
    """
    for relation in Asset._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.is_relation) or relation.related_model is Rendition:
            continue
        manager = relation.related_model._base_manager  # type: ignore[union-attr]
        if manager.filter(**{relation.field.name: asset_id}).exists():  # type: ignore[union-attr]
            return True
    return False


def image_json(asset: Asset) -> dict[str, Any]:
    """How a picture is shown to clients. Reads `asset.renditions`: prefetch them for lists."""
    srcset: dict[str, list[dict[str, Any]]] = {"webp": [], "avif": []}
    for rendition in asset.renditions.all():
        srcset[rendition.format].append(
            {"url": asset_url(rendition.file), "width": rendition.width, "height": rendition.height}
        )
    return {
        "id": asset.pk,
        "url": asset_url(asset.file),
        "width": asset.width,
        "height": asset.height,
        "alt": asset.alt,
        "colour": asset.dominant_colour,
        "srcset": srcset,
    }
