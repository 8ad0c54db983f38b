"""Likes: one per person and object, however often and from however many devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from karvon.catalog.kinds import get_kind, list_kinds
from karvon.catalog.models import Like, TaggedItem
from karvon.kernel.db import transactional

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def like(*, user: User, kind: str, object_id: int) -> None:
    """Like what this person may see; twice is once (INSERT … ON CONFLICT). Raises ObjectNotFound."""
    found = get_kind(kind)
    row = found.get(object_id, user)
    Like.objects.bulk_create(
        [Like(user=user, content_type=found.content_type, object_id=row.pk)], ignore_conflicts=True
    )


@transactional
def unlike(*, user: User, kind: str, object_id: int) -> None:
    """Take a like back; also of what this person sees no more. Raises ObjectNotFound for an unknown kind."""
    Like.objects.filter(user=user, content_type=get_kind(kind).content_type, object_id=object_id).delete()


@transactional
def purge_marks() -> int:
    """Delete likes and tags whose objects are gone for good; how many."""
    count = 0
    for kind in list_kinds():
        there = Exists(kind.model._default_manager.filter(pk=OuterRef("object_id")))
        for model in (Like, TaggedItem):
            gone, _by_model = model._default_manager.filter(~there, content_type=kind.content_type).delete()
            count += gone
    return count
