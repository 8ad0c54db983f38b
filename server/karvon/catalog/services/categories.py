# mypy: disable-error-code="no-any-return"
"""The category tree. Whoever moves a branch of it holds one lock, so that no two moves can make a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from karvon.catalog.errors import CategoryInUse, CategoryLoop
from karvon.catalog.events import ShownTextChanged
from karvon.catalog.inputs import Texts
from karvon.catalog.models import Category, Product
from karvon.catalog.slugs import free_slug
from karvon.catalog.texts import assign
from karvon.catalog.window.loading import load_paths
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound, PermissionRefused, ValidationFailed
from karvon.kernel.events import publish

if TYPE_CHECKING:
    from karvon.accounts.models import User

_TREE_LOCK = 1002
UNSET = -1


def require_operator(actor: User | None) -> None:
    """The platform's own texts are written by its staff. Raises PermissionRefused."""
    if actor is not None and not actor.is_operator:
        raise PermissionRefused


def _lock_tree() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


@transactional
def create_category(
    *,
    actor: User | None,
    names: Texts,
    slug: str = "",
    parent_id: int | None = None,
    descriptions: Texts | None = None,
    image_id: int | None = None,
    position: int = 0,
) -> Category:
    """A new category. Raises PermissionRefused, ValidationFailed."""
    require_operator(actor)
    _lock_tree()
    _check_parent(parent_id)
    category = Category(parent_id=parent_id, image_id=image_id, position=position)
    assign(category, "name", names)
    assign(category, "description", descriptions)
    category.slug = free_slug(Category, slug or next(filter(None, names.values()), ""), fallback="category")
    category.save()
    return category


@transactional
def update_category(
    *,
    category_id: int,
    actor: User | None,
    names: Texts | None = None,
    slug: str = "",
    parent_id: int | None = UNSET,
    descriptions: Texts | None = None,
    image_id: int | None = UNSET,
    position: int | None = None,
) -> Category:
    """Change what is given; -1 leaves parent and image. Raises CategoryLoop when it would be inside itself."""
    require_operator(actor)
    _lock_tree()
    category = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise NotFound
    if parent_id != UNSET and parent_id != category.parent_id:
        _check_parent(parent_id)
        if parent_id is not None and category.pk in load_paths().path(parent_id):
            raise CategoryLoop
        category.parent_id = parent_id
    assign(category, "name", names)
    assign(category, "description", descriptions)
    if slug and slug != category.slug:
        category.slug = free_slug(Category, slug, fallback="category", exclude_id=category.pk)
    if image_id != UNSET:
        category.image_id = image_id
    if position is not None:
        category.position = position
    category.save()
    publish(ShownTextChanged(kind="category", row_id=category.pk))
    return category


@transactional
def delete_category(*, category_id: int, actor: User | None) -> None:
    """Remove an empty category. Raises CategoryInUse."""
    require_operator(actor)
    _lock_tree()
    category = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise NotFound
    if (
        Category.objects.filter(parent_id=category_id).exists()
        or Product.objects.filter(category_id=category_id, deleted_at=None).exists()
    ):
        raise CategoryInUse
    category.delete()


def _check_parent(parent_id: int | None) -> None:
    if parent_id is not None and not Category.objects.filter(pk=parent_id).exists():
        raise ValidationFailed(details={"parent": ["?"]})
