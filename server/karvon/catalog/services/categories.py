"""The category tree. Whoever moves a branch of it holds one lock, so that no two moves can make a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.catalog.errors import CategoryInUse, CategoryLoop
from karvon.catalog.inputs import Texts
from karvon.catalog.models import Category, Product
from karvon.catalog.services.refreshing import (
    list_category_ids_below,
    list_products_in_category,
    refresh_or_announce,
)
from karvon.catalog.slugs import free_slug
from karvon.catalog.texts import assign, first_text, require_text
from karvon.catalog.window.locks import own_texts
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound, PermissionRefused, ValidationFailed
from karvon.media.models import Asset

if TYPE_CHECKING:
    from karvon.accounts.models import User

UNSET = -1


def require_operator(actor: User | None) -> None:
    """The platform's own texts are written by its staff. Raises PermissionRefused."""
    if actor is not None and not actor.is_operator:
        raise PermissionRefused


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
    own_texts()  # also keeps two moves from making a loop
    require_text(names, "name")
    _check_parent(parent_id)
    _check_image(image_id)
    category = Category(parent_id=parent_id, image_id=image_id, position=position)
    assign(category, "name", names)
    assign(category, "description", descriptions)
    category.slug = free_slug(Category, slug or first_text(names), fallback="category")
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
    """Change what is given; -1 leaves parent and image. Raises CategoryLoop when it would be inside itself.

    Products in it and below it are shown under the new name at once (more than 500 of them: within moments).
    """
    require_operator(actor)
    own_texts()  # also keeps two moves from making a loop
    category: Category | None = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise NotFound
    if parent_id != UNSET and parent_id != category.parent_id:
        _check_parent(parent_id)
        if parent_id in list_category_ids_below(category.pk):
            raise CategoryLoop
        category.parent_id = parent_id
    assign(category, "name", names)
    assign(category, "description", descriptions)
    if slug and slug != category.slug:
        category.slug = free_slug(Category, slug, fallback="category", exclude_id=category.pk)
    if image_id != UNSET:
        _check_image(image_id)
        category.image_id = image_id
    if position is not None:
        category.position = position
    category.save()
    refresh_or_announce(list_products_in_category(category.pk))
    return category


@transactional
def delete_category(*, category_id: int, actor: User | None) -> None:
    """Remove an empty category. Raises CategoryInUse."""
    require_operator(actor)
    own_texts()  # also keeps two moves from making a loop
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
        raise ValidationFailed(details={"parent": [_("There is no such category.")]})


def _check_image(image_id: int | None) -> None:
    if image_id is not None and not Asset.objects.filter(pk=image_id).exists():
        raise ValidationFailed(details={"image": [_("There is no such picture.")]})
