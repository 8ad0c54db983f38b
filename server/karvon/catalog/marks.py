"""Reads of likes and tags of objects of any kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from karvon.catalog.kinds import get_kind, list_kinds
from karvon.catalog.models import Like, Product, Tag, TaggedItem

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

    Principal = User | AnonymousUser


@dataclass(frozen=True)
class LikeState:
    """How many like an object, and whether the one who asks does."""

    kind: str
    object_id: int
    count: int
    is_mine: bool


@dataclass(frozen=True)
class Marked:
    """An object in a list of what somebody likes or what has a tag; `since` is when it was marked."""

    kind: str
    object_id: int
    title: str
    since: datetime


def get_likes(kind: str, object_id: int, principal: Principal) -> LikeState:
    """Raises ObjectNotFound for what the principal may not see. Two queries and that of what may be seen."""
    found = get_kind(kind)
    row = found.get(object_id, principal)
    likes = Like.objects.filter(content_type=found.content_type, object_id=row.pk)
    is_mine = principal.is_authenticated and likes.filter(user=principal).exists()
    return LikeState(kind, row.pk, likes.count(), is_mine)


def list_own_likes(user: User, *, kind: str = "") -> QuerySet[Like]:
    """What a person likes and may still see, newest first. Raises ObjectNotFound for an unknown kind."""
    return _of_visible(Like.objects.filter(user=user), user, kind).order_by("-id")


def list_tags_of(kind: str, object_id: int, principal: Principal) -> QuerySet[Tag]:
    """An object's tags by slug. Raises ObjectNotFound for what the principal may not see."""
    found = get_kind(kind)
    row = found.get(object_id, principal)
    if found.model is Product:
        return Tag.objects.filter(products=row.pk).order_by("slug")
    return Tag.objects.filter(items__content_type=found.content_type, items__object_id=row.pk).order_by(
        "slug"
    )


def list_tagged(tag: Tag, principal: Principal, *, kind: str = "") -> QuerySet[TaggedItem]:
    """Objects with a tag that the principal may see, newest first; products are the shop window's business.

    Raises ObjectNotFound for an unknown kind.
    """
    return _of_visible(TaggedItem.objects.filter(tag=tag), principal, kind).order_by("-id")


def _of_visible(rows: QuerySet[Any], principal: Principal, kind: str) -> QuerySet[Any]:
    kinds = [get_kind(kind)] if kind else list_kinds()
    visible = Q()
    for each in kinds:
        ids = each.visible_to(principal).order_by().values("pk")
        visible |= Q(content_type=each.content_type, object_id__in=ids)
    return rows.filter(visible)


def describe(page: Sequence[Like | TaggedItem], language: str) -> list[Marked]:
    """The objects of a page with their titles: one query per kind."""
    by_type = {kind.content_type.pk: kind for kind in list_kinds()}
    wanted: dict[int, set[int]] = defaultdict(set)
    for each in page:
        wanted[each.content_type_id].add(each.object_id)
    rows = {key: by_type[key].model._default_manager.in_bulk(ids) for key, ids in wanted.items()}
    return [
        Marked(kind.name, each.object_id, kind.title(row, language), each.created_at)
        for each in page
        if (kind := by_type[each.content_type_id]) and (row := rows[each.content_type_id].get(each.object_id))
    ]
