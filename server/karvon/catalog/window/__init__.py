"""The shop window: written with every product, read by every list."""

from karvon.catalog.window.query import WindowQuery
from karvon.catalog.window.reading import DetailPage, WindowPage, get_window_detail, list_by_ids, list_window
from karvon.catalog.window.writing import (
    after_write,
    bump_epoch,
    record_popularity,
    record_rating,
    refresh_products,
)

__all__ = [
    "DetailPage",
    "WindowPage",
    "WindowQuery",
    "after_write",
    "bump_epoch",
    "get_window_detail",
    "list_by_ids",
    "list_window",
    "record_popularity",
    "record_rating",
    "refresh_products",
]
