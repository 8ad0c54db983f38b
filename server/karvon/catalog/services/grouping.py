"""Collections and favourites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from karvon.catalog.errors import ProductNotFound
from karvon.catalog.inputs import Texts
from karvon.catalog.models import Collection, CollectionKind, CollectionProduct, Favourite, Product, WindowRow
from karvon.catalog.rules import check_rule
from karvon.catalog.services.categories import require_operator
from karvon.catalog.services.refreshing import list_products_of_collection, refresh_or_announce
from karvon.catalog.slugs import free_slug
from karvon.catalog.texts import assign, first_text, require_text
from karvon.catalog.window.locks import own_texts
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound, ValidationFailed
from karvon.merchants import policies

if TYPE_CHECKING:
    from karvon.accounts.models import User


def _require(actor: User | None, merchant_id: int | None) -> None:
    if merchant_id is None:
        require_operator(actor)
    else:
        policies.require(actor, merchant_id, policies.Action.MANAGE_CATALOGUE)


@transactional
def create_collection(
    *, actor: User | None, titles: Texts, merchant_id: int | None = None, slug: str = "",
    descriptions: Texts | None = None, kind: str = CollectionKind.MANUAL, rule: Mapping[str, Any] | None = None,
    is_active: bool = True, position: int = 0, product_ids: Sequence[int] | None = None,
) -> Collection:  # fmt: skip
    """A merchant's collection, or the platform's (operators), with its hand-picked products.

    Raises ValidationFailed for a rule that cannot work, ProductNotFound for another merchant's product.
    """
    _require(actor, merchant_id)
    require_text(titles, "title")
    own_texts()
    if kind == CollectionKind.RULE:
        check_rule(rule or {})
    row = Collection(merchant_id=merchant_id, kind=kind, position=position, is_active=is_active)
    row.rule = dict(rule or {}) if kind == CollectionKind.RULE else {}
    assign(row, "title", titles)
    assign(row, "description", descriptions)
    row.slug = free_slug(Collection, slug or first_text(titles), fallback="collection")
    row.save()
    if product_ids is not None:
        _pick(row, product_ids)
    refresh_or_announce(list_products_of_collection(row))
    return row


@transactional
def update_collection(
    *, collection_id: int, actor: User | None, titles: Texts | None = None, descriptions: Texts | None = None,
    rule: Mapping[str, Any] | None = None, is_active: bool | None = None, position: int | None = None,
    product_ids: Sequence[int] | None = None,
) -> Collection:  # fmt: skip
    """Change what is given. Raises what `create_collection` raises, and NotFound."""
    row = _lock(collection_id, actor)
    if rule and row.kind != CollectionKind.RULE:
        raise ValidationFailed(details={"rule": [_("The products of this collection are picked by hand.")]})
    if rule is not None and row.kind == CollectionKind.RULE:
        check_rule(rule)
        row.rule = dict(rule)
    assign(row, "title", titles)
    assign(row, "description", descriptions)
    row.is_active = row.is_active if is_active is None else is_active
    row.position = row.position if position is None else position
    row.save()
    before = set() if product_ids is None else _pick(row, product_ids)
    refresh_or_announce({*before, *list_products_of_collection(row)})
    return row


@transactional
def set_picks(*, collection_id: int, actor: User | None, product_ids: Sequence[int]) -> Collection:
    """Make these, in this order, the hand-picked products. Raises ProductNotFound for another merchant's."""
    row = _lock(collection_id, actor)
    before = _pick(row, product_ids)
    refresh_or_announce(before | set(product_ids))
    return row


def _pick(row: Collection, product_ids: Sequence[int]) -> set[int]:
    """Replace the hand-picked products; which they were before."""
    if row.kind == CollectionKind.RULE:
        raise ValidationFailed(details={"products": [_("The products of this collection go by its rule.")]})
    wanted = list(dict.fromkeys(product_ids))
    products = Product.objects.filter(pk__in=wanted, deleted_at=None)
    if row.merchant_id is not None:
        products = products.filter(merchant_id=row.merchant_id)
    if products.count() != len(wanted):
        raise ProductNotFound
    before = set(row.picks.values_list("product_id", flat=True))
    row.picks.all().delete()
    CollectionProduct.objects.bulk_create(
        CollectionProduct(collection=row, product_id=pk, position=position)
        for position, pk in enumerate(wanted)
    )
    return before


@transactional
def delete_collection(*, collection_id: int, actor: User | None) -> None:
    row = _lock(collection_id, actor)
    shown = list(
        WindowRow.objects.filter(collection_ids__contains=[row.pk])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    row.delete()
    refresh_or_announce(shown)


def _lock(collection_id: int, actor: User | None) -> Collection:
    own_texts()
    row = Collection.objects.select_for_update(of=("self",)).filter(pk=collection_id).first()
    if row is None:
        raise NotFound
    _require(actor, row.merchant_id)
    return row


@transactional
def add_favourite(*, user: User, product_id: int) -> None:
    """Put a product that is shown on the wishlist; twice is once. Raises ProductNotFound."""
    if not WindowRow.objects.filter(pk=product_id, is_visible=True).exists():
        raise ProductNotFound
    Favourite.objects.bulk_create([Favourite(user=user, product_id=product_id)], ignore_conflicts=True)


@transactional
def remove_favourite(*, user: User, product_id: int) -> None:
    Favourite.objects.filter(user=user, product_id=product_id).delete()
