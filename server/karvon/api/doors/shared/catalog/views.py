"""The category tree and the shop window."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny
from karvon.api.doors.shared.catalog import examples
from karvon.api.doors.shared.catalog import serializers as s
from karvon.api.links import absolute, site_of
from karvon.api.market.products import MarketProduct, product_json
from karvon.api.pages import PagedView
from karvon.api.products.paging import links_of, read_page
from karvon.api.products.parameters import Vocabulary, parse_request
from karvon.api.schema import errors
from karvon.catalog import selectors
from karvon.catalog.errors import ProductNotFound
from karvon.catalog.texts import text_in
from karvon.catalog.window import get_window_detail
from karvon.catalog.window.query import ORDERINGS
from karvon.kernel.languages import pick_language
from karvon.media.urls import asset_url
from karvon.reviews.selectors import count_ratings

TAGS = ["food ordering", "marketplace"]
WORDS = Vocabulary(
    price_min="min_price",
    price_max="max_price",
    orderings={"name": "title"} | {name: name for name in ORDERINGS},
)
_FILTERS = [
    *(
        OpenApiParameter(name, OpenApiTypes.STR)
        for name in ("search", "min_price", "max_price", "merchant", "collection", "tag")
    ),
    OpenApiParameter("category", OpenApiTypes.STR, description="Id or slug; what is below it is included."),
    OpenApiParameter(
        "ordering", OpenApiTypes.STR, description=f"{', '.join(WORDS.orderings)}; - turns one round."
    ),
    OpenApiParameter("in_stock", OpenApiTypes.BOOL),
    OpenApiParameter("branch", OpenApiTypes.INT),
    OpenApiParameter(
        "attr_<name>", OpenApiTypes.STR, many=True, description="Repeat for any of several values."
    ),
]


class CategoryListView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="market_categories_list",
        tags=TAGS,
        summary="Categories",
        responses={200: s.MarketCategory(many=True), **errors(401)},
        examples=[examples.CATEGORIES_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """All of them, each before those in it: a bare array."""
        counts, language, site = (
            selectors.count_products_by_category(),
            pick_language(request),
            site_of(request),
        )
        return Response(
            [
                {
                    "id": each.pk,
                    "name": text_in(each, "name", language),
                    "slug": each.slug,
                    "image": absolute(site, asset_url(each.image.file) if each.image else None),
                    "product_count": counts.get(each.pk, 0),
                    "parent": each.parent_id,
                }
                for each in selectors.list_categories()
            ]
        )


class ProductListView(PagedView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="market_products_list",
        tags=TAGS,
        summary="Products on show",
        parameters=_FILTERS,
        responses={200: MarketProduct(many=True), **errors(400, 401, 404)},
        examples=[examples.PRODUCT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first, or by relevance where something is searched."""
        asked = parse_request(request.query_params, pick_language(request), WORDS)
        page, site = read_page(asked, whole=True), site_of(request)
        following, previous = links_of(request._request, asked, page)
        body: dict[str, Any] = {"count": page.count, "next": following, "previous": previous}
        return Response(body | {"results": [product_json(each, site) for each in page.items]})


class ProductView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="market_products_retrieve",
        tags=TAGS,
        summary="A product",
        responses={200: s.MarketProductPage, **errors(401, 404)},
        examples=[examples.PRODUCT_PAGE_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """By id or slug, with what its reviews come to."""
        page = get_window_detail(key, pick_language(request))
        if page is None:
            raise ProductNotFound
        product = product_json(page.body, site_of(request))
        summary = {name: product[name] for name in ("average_rating", "reviews_count")}
        return Response(product | {"reviews": {**summary, "by_rating": count_ratings(product["id"])}})
