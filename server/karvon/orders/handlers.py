"""What the order book does on its own news."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Sum

from karvon.catalog.models import Product
from karvon.catalog.window.writing import record_popularity
from karvon.kernel.events import handles
from karvon.orders.events import OrderConfirmed
from karvon.orders.models import OrderLine


@handles(OrderConfirmed, name="orders.count_sold_units")
def count_sold_units(event: OrderConfirmed, *, event_id: UUID) -> None:
    """Units sold make a product popular; counted afterwards, so that no checkout waits for another's product."""
    sold = OrderLine.objects.filter(order_id=event.order_id, product__isnull=False).order_by()
    totals: dict[int, int] = {}
    for row in sold.values("product_id").annotate(units=Sum("quantity")).order_by("product_id"):
        Product.objects.filter(pk=row["product_id"]).update(sold_count=F("sold_count") + row["units"])
        totals[row["product_id"]] = Product.objects.values_list("sold_count", flat=True).get(
            pk=row["product_id"]
        )
    record_popularity(totals)
