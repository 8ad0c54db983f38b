"""The shop window: written with every product, read by every list."""

from karvon.catalog.window.reading import WindowPage, WindowQuery, get_window_detail, list_window
from karvon.catalog.window.writing import after_write, bump_epoch, record_rating, refresh_products

__all__ = [
    "WindowPage",
    "WindowQuery",
    "after_write",
    "bump_epoch",
    "get_window_detail",
    "list_window",
    "record_rating",
    "refresh_products",
]
