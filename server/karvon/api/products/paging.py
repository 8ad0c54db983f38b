"""One page of the shop window, and the addresses of its neighbours."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from karvon.api.products.cursors import encode_cursor
from karvon.api.products.parameters import DEEPEST, Asked, refuse_depth
from karvon.catalog.window import WindowPage, list_window
from karvon.kernel.errors import NotFound


def read_page(asked: Asked, *, whole: bool = False) -> WindowPage:
    """The products that are asked for, as lists show them; with `whole`, as their own pages do.

    Raises ValidationFailed for pages too deep, NotFound past the end.
    """
    # a category, collection or merchant that is not there has no products
    page = WindowPage([], 0) if asked.query is None else list_window(replace(asked.query, whole=whole))
    if asked.page > 1 and (asked.page - 1) * asked.size >= page.count:
        raise NotFound(_("There is no such page."))
    if not asked.by_cursor and (asked.page - 1) * asked.size >= DEEPEST:
        raise refuse_depth()
    return page


def links_of(request: HttpRequest, asked: Asked, page: WindowPage) -> tuple[str | None, str | None]:
    """`next` and `previous`."""
    query = asked.query
    if asked.by_cursor:
        has_more = query is not None and page.last is not None
        if query is not None and query.by_relevance:
            has_more = query.offset + query.limit < min(page.count, DEEPEST)
        if not has_more or query is None:
            return None, None
        return _link(request, "cursor", encode_cursor(query, page.last)), None
    following = asked.page + 1 if asked.page * asked.size < page.count else 0
    return (
        _link(request, "page", str(following)) if following else None,
        _link(request, "page", str(asked.page - 1)) if asked.page > 1 else None,
    )


def _link(request: HttpRequest, name: str, value: str) -> str:
    pairs = [(key, each) for key, values in request.GET.lists() if key != name for each in values]
    query = f"{urlencode(pairs)}&" if pairs else ""
    # a number or a cursor needs no quoting
    return f"{request.scheme}://{request.get_host()}{request.path}?{query}{name}={value}"
