"""Lists of this door: ten items a page."""

from __future__ import annotations

from karvon.api.pages import PagedView
from karvon.kernel.pagination import PageNumber


class StorePage(PageNumber):
    page_size = 10


class StorePagedView(PagedView):
    pagination_class = StorePage
