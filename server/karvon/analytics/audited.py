"""Nothing of the figures is watched: they are counted from what rooms announce."""

from karvon.analytics.models import (
    CartSighting,
    CustomerSales,
    OrderDay,
    PlatformDay,
    ProductDay,
    SalesDay,
)
from karvon.audit.registry import exempt

for _figures in (SalesDay, OrderDay, ProductDay, CustomerSales, PlatformDay, CartSighting):
    exempt(_figures, "counted by the server from events of orders and carts")
