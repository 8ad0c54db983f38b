"""Tags: made by whoever tags a product, named in four languages by the platform's staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karvon.catalog.inputs import Texts
from karvon.catalog.models import Tag
from karvon.catalog.services.categories import require_operator
from karvon.catalog.services.refreshing import refresh_or_announce
from karvon.catalog.slugs import free_slug
from karvon.catalog.texts import assign, first_text, require_text
from karvon.catalog.window.locks import own_texts
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def create_tag(*, actor: User | None, names: Texts, slug: str = "") -> Tag:
    """A new tag. Raises PermissionRefused."""
    require_operator(actor)
    require_text(names, "name")
    row = Tag(slug=free_slug(Tag, slug or first_text(names), fallback="tag"))
    assign(row, "name", names)
    row.save()
    return row


@transactional
def update_tag(*, tag_id: int, actor: User | None, names: Texts) -> Tag:
    """Other names; the slug stays, because files and links use it. Raises NotFound, PermissionRefused."""
    require_operator(actor)
    own_texts()
    row = _lock(tag_id)
    if assign(row, "name", names):
        row.save()
        refresh_or_announce(row.products.values_list("pk", flat=True))
    return row


@transactional
def delete_tag(*, tag_id: int, actor: User | None) -> None:
    """Takes a tag off every product. Raises NotFound, PermissionRefused."""
    require_operator(actor)
    own_texts()
    row = _lock(tag_id)
    tagged = list(row.products.values_list("pk", flat=True))
    row.delete()
    refresh_or_announce(tagged)


def _lock(tag_id: int) -> Tag:
    row = Tag.objects.select_for_update().filter(pk=tag_id).first()
    if row is None:
        raise NotFound
    return row
