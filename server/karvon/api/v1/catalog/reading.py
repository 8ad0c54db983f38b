"""The two hot reads: product list and detail, straight from the shop window.

Plain Django views: no serializer, no negotiation. The DRF views in `products` are what the API document describes;
they hand GET over to these functions.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from karvon.accounts.authentication import TokenAuthentication
from karvon.catalog.errors import ProductNotFound
from karvon.catalog.selectors import find_category_id, find_collection_id
from karvon.catalog.window import WindowQuery, get_window_detail, list_window
from karvon.catalog.window.facets import list_facets
from karvon.catalog.window.reading import ORDERINGS
from karvon.kernel.addresses import client_address
from karvon.kernel.errors import NotFound, ValidationFailed
from karvon.kernel.languages import pick_language
from karvon.kernel.rendering import dump_json
from karvon.kernel.throttling import take_permit
from karvon.merchants.errors import MerchantNotFound
from karvon.merchants.selectors import get_merchant_id

MAX_DEPTH = 10_000
_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_ATTRIBUTE = re.compile(r"attr_[A-Za-z0-9_-]{1,64}", re.ASCII)
_YES_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _admit(request: HttpRequest) -> None:
    """A token is optional, but one that is shown must be good; then count the read."""
    caller = client_address(request)
    if request.META.get("HTTP_AUTHORIZATION"):
        found = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
        if found is not None:
            caller = f"user:{found[0].pk}"
    take_permit("read", caller)


def _find_merchant_id(key: str) -> int | None:
    try:
        return get_merchant_id(key)
    except MerchantNotFound:
        return None


def _json(body: bytes) -> HttpResponse:
    response = HttpResponse(body, content_type="application/json")
    response.headers["Vary"] = "Accept-Language, Authorization"
    response.headers["Cache-Control"] = "no-cache"
    return response


def product_list(request: HttpRequest) -> HttpResponse:
    """A page of products. Raises ValidationFailed for values that make no sense, NotFound past the end."""
    _admit(request)
    asked = request.GET
    page, size = _page(asked)
    query = parse_query(asked, language=pick_language(request), offset=(page - 1) * size, limit=size)
    if query is None:  # a category, collection or merchant that is not there has no products
        found_items, count = [], 0
    else:
        found = list_window(query)
        found_items, count = found.items, found.count
    if page > 1 and (page - 1) * size >= count:
        raise NotFound(_("There is no such page."))
    head = {
        "count": count,
        "next": _link(request, page + 1) if page * size < count else None,
        "previous": _link(request, page - 1) if page > 1 else None,
    }
    body = dump_json(head)[:-1] + b',"results":[' + b",".join(found_items) + b"]"
    if asked.get("facets") in ("1", "true"):
        body += b',"facets":' + dump_json(list_facets(query) if query else {})
    return _json(body + b"}")


def product_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One product by id or slug. Raises ProductNotFound."""
    _admit(request)
    body = get_window_detail(key, pick_language(request))
    if body is None:
        raise ProductNotFound
    return _json(body)


def _link(request: HttpRequest, page: int) -> str:
    asked = request.GET.copy()
    asked["page"] = str(page)
    return request.build_absolute_uri(f"{request.path}?{urlencode(list(asked.lists()), doseq=True)}")


def _page(asked: QueryDict) -> tuple[int, int]:
    numbers = {"page": 1, "page_size": 20}
    for name in numbers:
        if name in asked:
            numbers[name] = _whole(asked[name], name)
    page, size = numbers["page"], min(numbers["page_size"], 100)
    if page < 1 or size < 1:
        raise _bad("page", _("A whole number from 1 is needed."))
    if (page - 1) * size > MAX_DEPTH:
        raise _bad("page", _("So deep a page is not given; narrow the filters or the price range."))
    return page, size


def parse_query(asked: QueryDict, *, language: str, offset: int = 0, limit: int = 20) -> WindowQuery | None:
    """The query string as a WindowQuery; None when it names something that is not there.

    Raises ValidationFailed for unknown orderings and for values of the wrong kind. Unknown parameters are ignored.
    """
    fields: dict[str, Any] = {}
    lookups = (("category", "category_id", find_category_id), ("collection", "collection_id", find_collection_id),
               ("merchant", "merchant_id", _find_merchant_id))  # fmt: skip
    for name, target, find in lookups:
        if value := asked.get(name):
            fields[target] = find(value[:200])
            if fields[target] is None:
                return None
    if value := asked.get("branch"):
        fields["branch_id"] = _whole(value, "branch")
    for name in ("price_min", "price_max", "rating_min"):
        if value := asked.get(name):
            fields[name] = _amount(value, name)
    if value := asked.get("in_stock"):
        if value.lower() not in _YES_NO:
            raise _bad("in_stock", _("true or false is needed."))
        fields["in_stock"] = _YES_NO[value.lower()]
    attributes = tuple(
        (name.removeprefix("attr_"), tuple(each[:120] for each in asked.getlist(name)[:20]))
        for name in sorted(asked)[:60]
        if _ATTRIBUTE.fullmatch(name)
    )
    return WindowQuery(
        language=language,
        tag=(asked.get("tag") or "")[:80] or None,
        attributes=attributes,
        search=(asked.get("search") or "").strip()[:300],
        ordering=_ordering(asked.get("ordering") or ""),
        offset=offset,
        limit=limit,
        **fields,
    )


def _ordering(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names:
        if name.removeprefix("-") not in ORDERINGS:
            raise _bad("ordering", _("Not one of: %(names)s.") % {"names": ", ".join(ORDERINGS)})
    return names[:4]


def _whole(text: str, name: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise _bad(name, _("A whole number is needed."))
    return int(text)


def _amount(text: str, name: str) -> Decimal:
    try:
        amount = Decimal(text[:24])
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 12 or "e" in text.lower():
        raise _bad(name, _("A number is needed."))
    return amount


def _bad(name: str, message: str) -> ValidationFailed:
    return ValidationFailed(details={name: [message]})
