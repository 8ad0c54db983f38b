"""Celery entry points of the catalogue."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.db import transaction
from django.db.models import Q

from karvon.catalog import services
from karvon.catalog.models import Collection, Product
from karvon.catalog.window import refresh_products
from karvon.catalog.window.loading import load_paths
from karvon.kernel.db import transactional

INLINE = 500


@shared_task(name="catalog.apply_publication_schedule")
def apply_publication_schedule(**_: Any) -> int:
    return services.apply_publication_schedule()


@shared_task(name="catalog.refresh_windows")
def refresh_windows(product_ids: list[int], **_: Any) -> None:
    transactional(refresh_products)(product_ids)


def refresh_in_batches(product_ids: list[int]) -> None:
    """A few at once; many by a task per batch, once the transaction in hand is committed."""
    if len(product_ids) <= INLINE:
        refresh_products(product_ids)
        return
    for start in range(0, len(product_ids), INLINE):
        batch = product_ids[start : start + INLINE]
        transaction.on_commit(lambda batch=batch: refresh_windows.delay(batch))  # type: ignore[misc]


def list_products_showing(kind: str, row_id: int) -> list[int]:
    """Products whose documents carry a text of this row."""
    products = Product.objects.filter(deleted_at=None)
    if kind == "category":
        paths = load_paths()
        below = [pk for pk in paths.rows if row_id in paths.path(pk)]
        products = products.filter(category_id__in=below)
    elif kind == "attribute":
        products = products.filter(
            Q(attribute_values__attribute_id=row_id) | Q(variants__attribute_values__attribute_id=row_id)
        )
    elif kind == "tag":
        products = products.filter(tags=row_id)
    elif kind == "collection":
        collection = Collection.objects.filter(pk=row_id).first()
        if collection is not None and collection.kind == "rule":
            if collection.merchant_id is not None:
                products = products.filter(merchant_id=collection.merchant_id)
        else:
            products = products.filter(picks__collection_id=row_id)
    return list(products.order_by("pk").distinct().values_list("pk", flat=True))
