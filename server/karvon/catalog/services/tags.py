"""Tags: made by whoever tags a product, named in four languages by the platform's staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karvon.catalog.events import ShownTextChanged
from karvon.catalog.inputs import Texts
from karvon.catalog.models import Tag
from karvon.catalog.services.categories import require_operator
from karvon.catalog.slugs import free_slug
from karvon.catalog.texts import assign
from karvon.catalog.window import refresh_products
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound
from karvon.kernel.events import publish

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def create_tag(*, actor: User | None, names: Texts, slug: str = "") -> Tag:
    """A new tag. Raises PermissionRefused."""
    require_operator(actor)
    first = next(filter(None, names.values()), "")
    row = Tag(slug=free_slug(Tag, slug or first, fallback="tag"))
    assign(row, "name", names)
    row.save()
    return row


@transactional
def update_tag(*, tag_id: int, actor: User | None, names: Texts) -> Tag:
    """Other names; the slug stays, because files and links use it. Raises NotFound, PermissionRefused."""
    require_operator(actor)
    row = _lock(tag_id)
    if assign(row, "name", names):
        row.save()
        publish(ShownTextChanged(kind="tag", row_id=row.pk))
    return row


@transactional
def delete_tag(*, tag_id: int, actor: User | None) -> None:
    """Takes a tag off every product. Raises NotFound, PermissionRefused."""
    require_operator(actor)
    row = _lock(tag_id)
    tagged = list(row.products.order_by("pk").values_list("pk", flat=True))
    row.delete()
    refresh_products(tagged)


def _lock(tag_id: int) -> Tag:
    row = Tag.objects.select_for_update().filter(pk=tag_id).first()
    if row is None:
        raise NotFound
    return row
