"""What the catalogue does on others' news: windows that show them are rewritten."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from karvon.catalog.events import ProductsStale
from karvon.catalog.exchange import handlers as exchange_handlers  # noqa: F401 - registers its own
from karvon.catalog.models import Product
from karvon.catalog.services.refreshing import refresh_or_announce
from karvon.catalog.window import refresh_products
from karvon.catalog.window.locks import await_writers
from karvon.kernel.events import handles
from karvon.media.events import AssetDescribed, RenditionsReady
from karvon.merchants.events import MerchantChanged


@handles(RenditionsReady, name="catalog.show_renditions")
def show_renditions(event: RenditionsReady, *, event_id: UUID) -> None:
    """Smaller pictures are there: show them."""
    await_writers()  # a product that is just being written has not seen them, and is not to be seen yet
    refresh_or_announce(_list_showing(event.asset_id))


@handles(AssetDescribed, name="catalog.show_alternative_text")
def show_alternative_text(event: AssetDescribed, *, event_id: UUID) -> None:
    """A picture says something else to those who do not see it."""
    await_writers()
    refresh_or_announce(_list_showing(event.asset_id))


def _list_showing(asset_id: int) -> QuerySet[Product, int]:
    return Product.objects.filter(images__asset_id=asset_id).values_list("pk", flat=True)


@handles(MerchantChanged, name="catalog.show_merchant")
def show_merchant(event: MerchantChanged, *, event_id: UUID) -> None:
    """Its name is on every product; suspended, it shows none."""
    await_writers()
    shown = Product.objects.filter(merchant_id=event.merchant_id, deleted_at=None).values_list(
        "pk", flat=True
    )
    refresh_or_announce(shown)


@handles(ProductsStale, name="catalog.refresh_stale")
def refresh_stale(event: ProductsStale, *, event_id: UUID) -> None:
    """One batch of many."""
    refresh_products(event.product_ids)
