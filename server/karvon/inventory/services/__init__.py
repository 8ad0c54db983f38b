"""Every change of stock."""

from karvon.inventory.demand import Demand, StockChange
from karvon.inventory.services.counting import (
    adjust_stock,
    receive_stock,
    set_threshold,
    set_units_for_sale,
    transfer_stock,
)
from karvon.inventory.services.offering import Offering, change_offer, offer_product
from karvon.inventory.services.products import create_simple_product, update_simple_product
from karvon.inventory.services.selling import (
    commit_reservations,
    release_reservations,
    retake_stock,
    return_stock,
    take_stock,
)

__all__ = [
    "Demand",
    "Offering",
    "StockChange",
    "adjust_stock",
    "change_offer",
    "commit_reservations",
    "create_simple_product",
    "offer_product",
    "receive_stock",
    "release_reservations",
    "retake_stock",
    "return_stock",
    "set_threshold",
    "set_units_for_sale",
    "take_stock",
    "transfer_stock",
    "update_simple_product",
]
