"""Every read of this room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Q, QuerySet

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


def find_asset_ids(
    references: Sequence[int | str], *, owner_ref: str, hosts: Collection[str]
) -> list[int | None]:
    """The pictures of this owner that are meant: by id, or by an address of ours (the picture's or one of its sizes'; on
    one of `hosts`, where it has one). None for what is none of theirs. At most two queries.
    """
    ids = {number for each in references if (number := _number_of(each)) is not None}
    files = {file for each in references if (file := _file_of(each, hosts)) is not None}
    own = Asset.objects.filter(owner_ref=owner_ref)
    known: dict[int | str, int] = {}
    if ids:
        known |= {pk: pk for pk in own.filter(pk__in=ids).values_list("pk", flat=True)}
    if files:
        named = own.filter(Q(file__in=files) | Q(renditions__file__in=files))
        for pk, file, rendition in named.values_list("pk", "file", "renditions__file"):
            known |= {file: pk, rendition: pk}
    keys = [_number_of(each) or _file_of(each, hosts) for each in references]
    return [None if key is None else known.get(key) for key in keys]


def _number_of(reference: int | str) -> int | None:
    if isinstance(reference, int):
        return reference
    return int(reference) if reference.isascii() and reference.isdigit() and len(reference) <= 18 else None


def _file_of(reference: int | str, hosts: Collection[str]) -> str | None:
    """The storage name behind an address of ours; None for any other."""
    if isinstance(reference, int):
        return None
    for host in hosts:
        for scheme in ("https://", "http://"):
            reference = reference.removeprefix(f"{scheme}{host}")
    prefix: str = settings.KARVON_MEDIA_URL
    return unquote(reference.removeprefix(prefix)) if reference.startswith(prefix) else None


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
