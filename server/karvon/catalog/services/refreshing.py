"""After a change of something that many products show."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from karvon.catalog.events import ProductsStale
from karvon.catalog.models import Collection, CollectionKind, Product
from karvon.catalog.window import refresh_products
from karvon.catalog.window.statements import fetch_all
from karvon.kernel.events import publish

INLINE = 500

_BELOW = """
WITH RECURSIVE below AS (
    SELECT id FROM catalog_category WHERE id = %s::bigint
    UNION SELECT child.id FROM catalog_category AS child JOIN below ON child.parent_id = below.id
) SELECT id FROM below
"""


def refresh_or_announce(product_ids: Iterable[int]) -> None:
    """Up to 500 windows in the transaction in hand; more of them by events, in batches, right after it."""
    ids = sorted(set(product_ids))
    if len(ids) <= INLINE:
        refresh_products(ids)
        return
    publish(*(ProductsStale(product_ids=ids[at : at + INLINE]) for at in range(0, len(ids), INLINE)))


def list_category_ids_below(category_id: int) -> list[int]:
    """The category and all below it."""
    return [row[0] for row in fetch_all(_BELOW, [category_id])]


def list_products_in_category(category_id: int) -> list[int]:
    return _ids(Product.objects.filter(category_id__in=list_category_ids_below(category_id)))


def list_products_with_attribute(attribute_id: int) -> list[int]:
    own = Q(attribute_values__attribute_id=attribute_id)
    return _ids(Product.objects.filter(own | Q(variants__attribute_values__attribute_id=attribute_id)))


def list_products_of_collection(collection: Collection) -> list[int]:
    """Hand-picked ones; for a rule, all that could match or did."""
    if collection.kind != CollectionKind.RULE:
        return _ids(Product.objects.filter(picks__collection=collection))
    products = Product.objects.all()
    return _ids(products.filter(merchant_id=collection.merchant_id) if collection.merchant_id else products)


def _ids(products: QuerySet[Product]) -> list[int]:
    return list(products.filter(deleted_at=None).order_by("pk").distinct().values_list("pk", flat=True))
