"""Products: shoppers read the window; their merchants and operators write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.models import User
from karvon.accounts.permissions import IsMerchantOrOperator, IsMerchantOrOperatorOrReadOnly
from karvon.api.errors import to_http_response
from karvon.api.schema import errors
from karvon.api.v1.catalog import reading, shapes, writing
from karvon.api.v1.catalog.serializers import OwnProduct, ProductDetail, ProductPage, ProductRequest
from karvon.catalog import selectors, services
from karvon.catalog.models import Product, ProductState
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import pick_language

TAGS = ["products"]
_EXAMPLE = OpenApiExample(
    "a product with two sizes",
    request_only=True,
    value={
        "title": "Linen shirt",
        "category": 12,
        "state": "published",
        "variants": [
            {"sku": "LINEN-S", "price": "250000.00", "options": [{"code": "size", "value": "s"}]},
            {"sku": "LINEN-M", "price": "250000.00", "options": [{"code": "size", "value": "m"}]},
        ],
    },
)
_TEXT = (
    "category",
    "search",
    "merchant",
    "collection",
    "tag",
    "ordering",
    "price_min",
    "price_max",
    "rating_min",
)
_FILTERS = [
    *(OpenApiParameter(name, OpenApiTypes.STR) for name in _TEXT),
    OpenApiParameter("branch", OpenApiTypes.INT),
    OpenApiParameter("in_stock", OpenApiTypes.BOOL),
    OpenApiParameter(
        "attr_<code>", OpenApiTypes.STR, many=True, description="Repeat for any of several values."
    ),
    OpenApiParameter("facets", OpenApiTypes.STR, description="1 adds the counts of further choices."),
    OpenApiParameter("page", OpenApiTypes.INT),
    OpenApiParameter("page_size", OpenApiTypes.INT),
]


def _fast(
    read: Callable[..., HttpResponse], slow: Callable[..., HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    """GET by the plain function, every other method by DRF."""

    @csrf_exempt  # tokens, never cookies
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return slow(request, **kwargs)
        try:
            return read(request, **kwargs)
        except Exception as error:  # noqa: BLE001 - everything becomes the one error shape
            return to_http_response(error, request)

    return view


class _WindowView(APIView):
    reader: Callable[..., HttpResponse]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        slow = super().as_view(**initkwargs)
        view = _fast(cls.reader, slow)
        view.cls = cls  # type: ignore[attr-defined]  # how the API document finds the class
        view.initkwargs = initkwargs  # type: ignore[attr-defined]
        return view


class ProductListView(_WindowView):
    permission_classes = [IsMerchantOrOperatorOrReadOnly]
    reader = staticmethod(reading.product_list)

    @extend_schema(
        operation_id="list_products",
        tags=TAGS,
        parameters=_FILTERS,
        responses={200: ProductPage, **errors(401, 404, 503)},
    )
    def get(self, request: Request) -> HttpResponse:
        """Products on show, newest first, or by relevance where something is searched."""
        return reading.product_list(request._request)

    @extend_schema(
        operation_id="create_product",
        tags=TAGS,
        request=ProductRequest,
        responses={201: OwnProduct, **errors(401, 403, 404, 409, 415)},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        body = ProductRequest(data=request.data)
        body.is_valid(raise_exception=True)
        actor, language = get_caller(request), pick_language(request)
        return _own(writing.create(body, actor=actor, language=language), language, status=201)


class ProductDetailView(_WindowView):
    permission_classes = [IsMerchantOrOperatorOrReadOnly]
    reader = staticmethod(reading.product_detail)

    @extend_schema(
        operation_id="get_product", tags=TAGS, responses={200: ProductDetail, **errors(401, 404, 503)}
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """One product by id or slug."""
        return reading.product_detail(request._request, key)

    def _change(self, request: Request, key: str, *, replaces: bool) -> Response:
        body = ProductRequest(data=request.data)
        body.is_valid(raise_exception=True)
        actor, language = get_caller(request), pick_language(request)
        product = writing.update(
            _id(key, actor),
            body,
            actor=actor,
            language=language,
            replaces=replaces,
            expected_version=reading.expected_version(request),
        )
        return _own(product, language)

    @extend_schema(
        operation_id="replace_product",
        tags=TAGS,
        request=ProductRequest,
        responses={200: OwnProduct, **errors(401, 403, 404, 409, 415)},
        examples=[_EXAMPLE],
    )
    def put(self, request: Request, key: str) -> Response:
        """Change what is given; variants that are not among the given ones are withdrawn."""
        return self._change(request, key, replaces=True)

    @extend_schema(
        operation_id="change_product",
        tags=TAGS,
        request=ProductRequest,
        responses={200: OwnProduct, **errors(401, 403, 404, 409, 415)},
        examples=[_EXAMPLE],
    )
    def patch(self, request: Request, key: str) -> Response:
        return self._change(request, key, replaces=False)

    @extend_schema(
        operation_id="delete_product", tags=TAGS, responses={204: None, **errors(401, 403, 404, 409)}
    )
    def delete(self, request: Request, key: str) -> Response:
        actor = get_caller(request)
        services.delete_product(
            product_id=_id(key, actor), actor=actor, expected_version=reading.expected_version(request)
        )
        return Response(status=204)


def _own(product: Product, language: str, *, status: int = 200) -> Response:
    """A product as its back office sees it, with the tag that `If-Match` takes."""
    (body,) = shapes.own_products_json([product], language)
    tag = reading.tag_of_version(services.version_of(product))
    return Response(body, status=status, headers={"ETag": tag})


def _id(key: str, actor: User) -> int:
    """The id behind an id or slug. Raises ProductNotFound."""
    if key.isascii() and key.isdigit() and len(key) < 19:
        return int(key)
    return selectors.get_own_product_id(key[:200], actor)


class OwnProductListView(ListAPIView):
    """The back office's list: every state."""

    permission_classes = [IsMerchantOrOperator]
    serializer_class = OwnProduct

    @extend_schema(
        operation_id="list_own_products",
        tags=TAGS,
        parameters=[OpenApiParameter("state", str), OpenApiParameter("search", str)],
        responses={200: OwnProduct(many=True), **errors(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        state, search = (request.query_params.get(name, "") for name in ("state", "search"))
        if state and state not in ProductState.values:
            raise ValidationFailed(details={"state": [_("Not one of the choices.")]})
        products = selectors.list_own_products(request.user, state=state, search=search)
        page = self.paginate_queryset(products) or []
        return self.get_paginated_response(shapes.own_products_json(page, pick_language(request)))


class OwnProductView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="get_own_product", tags=TAGS, responses={200: OwnProduct, **errors(401, 403, 404)}
    )
    def get(self, request: Request, product_id: int) -> Response:
        """A product as its back office sees it."""
        row = selectors.get_own_product(product_id, request.user)
        return _own(row, pick_language(request))
