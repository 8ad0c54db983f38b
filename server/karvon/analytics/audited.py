"""Nothing of the figures is watched: they are counted from what rooms announce."""

from karvon.analytics.models import (
    CartSighting,
    CustomerSales,
    OrderDay,
    PlatformDay,
    PlatformOrderDay,
    PlatformSalesDay,
    ProductDay,
    ProductMonth,
    SalesDay,
    SalesMonth,
)
from karvon.audit.registry import exempt

for _figures in (
    SalesDay, SalesMonth, OrderDay, ProductDay, ProductMonth, CustomerSales, PlatformDay, PlatformSalesDay, PlatformOrderDay,
    CartSighting,
):  # fmt: skip
    exempt(_figures, "counted by the server from events of orders and carts")
