"""Tags on objects of any kind; a product's are part of its window and written with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karvon.catalog.inputs import ProductInput
from karvon.catalog.kinds import Kind, get_kind
from karvon.catalog.models import Product, TaggedItem
from karvon.catalog.services.lookups import CatalogLookups
from karvon.catalog.services.products import update_product
from karvon.kernel.db import transactional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karvon.accounts.models import User


@transactional
def set_tags(*, actor: User, kind: str, object_id: int, names: Sequence[str]) -> None:
    """Make these the tags of an object, made where there are none of the name.

    Raises ObjectNotFound for what the actor may not see, and what the policies of its merchant raise.
    """
    found = get_kind(kind)
    row = found.get(object_id, actor)
    found.require_tagger(actor, row)
    if found.model is Product:
        update_product(product_id=row.pk, product=ProductInput(tags=tuple(names)), actor=actor)
        return
    _replace(found, row, names)


def _replace(kind: Kind, row: Any, names: Sequence[str]) -> None:
    # whoever comes second waits, and replaces what the first has left
    kind.model._default_manager.select_for_update(of=("self",), no_key=True).only("pk").get(pk=row.pk)
    lookups = CatalogLookups()
    # in one order for everybody: a tag may be new to two at once
    wanted = {tag.pk: tag for tag in (lookups.tag(name) for name in sorted(set(names)) if name.strip())}
    mine = TaggedItem.objects.filter(content_type=kind.content_type, object_id=row.pk)
    mine.exclude(tag__in=wanted).delete()
    TaggedItem.objects.bulk_create(
        [TaggedItem(tag=tag, content_type=kind.content_type, object_id=row.pk) for tag in wanted.values()],
        ignore_conflicts=True,
    )
