"""What the catalogue does on others' news: windows that show them are rewritten."""

from __future__ import annotations

from uuid import UUID

from karvon.catalog import tasks
from karvon.catalog.events import ShownTextChanged
from karvon.catalog.exchange import handlers as exchange_handlers  # noqa: F401 - registers its own
from karvon.catalog.models import Product
from karvon.kernel.events import handles
from karvon.media.events import RenditionsReady
from karvon.merchants.events import MerchantChanged


@handles(RenditionsReady, name="catalog.show_renditions")
def show_renditions(event: RenditionsReady, *, event_id: UUID) -> None:
    """Smaller pictures are there: show them."""
    shown = Product.objects.filter(images__asset_id=event.asset_id).values_list("pk", flat=True)
    tasks.refresh_in_batches(list(shown))


@handles(MerchantChanged, name="catalog.show_merchant")
def show_merchant(event: MerchantChanged, *, event_id: UUID) -> None:
    """Its name is on every product; suspended, it shows none."""
    shown = Product.objects.filter(merchant_id=event.merchant_id, deleted_at=None).values_list(
        "pk", flat=True
    )
    tasks.refresh_in_batches(list(shown))


@handles(ShownTextChanged, name="catalog.show_text")
def show_text(event: ShownTextChanged, *, event_id: UUID) -> None:
    """A category, attribute, tag or collection was changed."""
    tasks.refresh_in_batches(tasks.list_products_showing(event.kind, event.row_id))
