"""The two hot reads: product list and detail, straight from the shop window.

Plain Django views: no serializer, no negotiation, no session. The DRF views in `products` are what the API document
describes; they hand GET over to these functions. A token is optional here; one that is shown must be signed by us and
not too old (else 401), but the database is not asked whether it was revoked meanwhile: the answer is the same for everyone.
"""

from __future__ import annotations

from binascii import crc32
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from karvon.accounts.authentication import KEYWORDS
from karvon.accounts.errors import TokenInvalid
from karvon.accounts.tokens import ACCESS, read_token
from karvon.api.products.paging import links_of, read_page
from karvon.api.products.parameters import parse_request
from karvon.catalog.errors import ProductNotFound
from karvon.catalog.window import get_window_detail
from karvon.catalog.window.facets import list_facets, no_facets
from karvon.kernel.addresses import client_address, network_of
from karvon.kernel.languages import pick_language
from karvon.kernel.rendering import dump_json
from karvon.kernel.throttling import take_permit

# browsers ask again every time; a cache in front of the shop may keep an answer for five seconds
_CACHING = "public, max-age=0, s-maxage=5"


def product_list(request: HttpRequest) -> HttpResponse:
    """A page of products. Raises ValidationFailed for values that make no sense and for pages too deep, NotFound past
    the end.
    """
    _admit(request)
    asked = parse_request(request.GET, pick_language(request))
    page = read_page(asked)
    following, previous = links_of(request, asked, page)
    body = b'{"count":%d,"next":%b,"previous":%b,"results":[%b]' % (
        page.count,
        dump_json(following),
        dump_json(previous),
        b",".join(page.items),
    )
    if asked.wants_facets:
        query = asked.query and replace(asked.query, search=page.words or asked.query.search)
        facets = list_facets(query, page.epoch) if query else no_facets()
        body += b',"facets":' + dump_json(facets)
    return _answer(body + b"}")


def product_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One product by id or slug. Raises ProductNotFound."""
    _admit(request)
    page = get_window_detail(key, pick_language(request))
    if page is None:
        raise ProductNotFound
    tag = f'"{page.version:x}.{crc32(page.body):x}"'  # numbers in it change without the product
    if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response: HttpResponse = HttpResponseNotModified()
        response.headers["Vary"] = "Accept-Language"
    else:
        response = _answer(page.body)
    response.headers["ETag"] = tag
    return response


def tag_of_version(version: int) -> str:
    """The ETag of a product in its back office."""
    return f'"{version:x}"'


def expected_version(request: HttpRequest | Request) -> int | None:
    """The product's version in `If-Match`; None when the header is not there or is `*`, -1 for a tag that is
    not ours.
    """
    given = request.META.get("HTTP_IF_MATCH", "*").strip()
    if given == "*":
        return None
    version, _dot, _rest = given.removeprefix("W/").strip('"').partition(".")
    try:
        return int(version[:20], 16)
    except ValueError:
        return -1


def _admit(request: HttpRequest) -> None:
    """A token that is shown must be good; then the read is counted."""
    header = request.META.get("HTTP_AUTHORIZATION")
    take_permit("read", _user_of(header) if header else network_of(client_address(request)))


def _user_of(header: str) -> str:
    parts = header.split()
    try:
        if len(parts) != 2 or parts[0].lower().encode() not in KEYWORDS:
            raise TokenInvalid
        return f"user:{read_token(parts[1], token_type=ACCESS).user_id}"
    except (TokenInvalid, UnicodeError):
        raise AuthenticationFailed(
            _("This token is not valid or has expired."), code="token_invalid"
        ) from None


def _answer(body: bytes) -> HttpResponse:
    response = HttpResponse(body, content_type="application/json")
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = _CACHING
    return response
