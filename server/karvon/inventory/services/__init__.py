"""Every change of stock."""

from karvon.inventory.demand import Demand, StockChange
from karvon.inventory.services.counting import adjust_stock, receive_stock, set_threshold, transfer_stock
from karvon.inventory.services.products import create_simple_product, update_simple_product
from karvon.inventory.services.selling import (
    commit_reservations,
    release_reservations,
    return_stock,
    take_stock,
)

__all__ = [
    "Demand",
    "StockChange",
    "adjust_stock",
    "commit_reservations",
    "create_simple_product",
    "receive_stock",
    "release_reservations",
    "return_stock",
    "set_threshold",
    "take_stock",
    "transfer_stock",
    "update_simple_product",
]
