"""Back-office pages of orders: to read, and to take along their states; nothing of an order is typed over."""

from karvon.orders.admin.fulfilments import FulfilmentAdmin
from karvon.orders.admin.orders import OrderAdmin, add_order_inline

__all__ = ["FulfilmentAdmin", "OrderAdmin", "add_order_inline"]
