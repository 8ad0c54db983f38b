"""The category tree: anyone reads, the platform's staff write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperatorOrReadOnly
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.api.v1.catalog import shapes
from karvon.api.v1.catalog.bodies import merged_texts, read_body, require_texts
from karvon.catalog import selectors, services
from karvon.catalog.models import Category
from karvon.catalog.services.categories import UNSET
from karvon.kernel.languages import pick_language

_CATEGORY = OpenApiExample(
    "a category",
    request_only=True,
    value={"name": "Shirts", "slug": "shirts", "parent": 3, "description": ""},
)


class CategoryListView(PagedView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="list_categories",
        tags=["categories"],
        parameters=[OpenApiParameter("parent", str, description="id or slug; “root” for the top")],
        responses={200: s.CategoryDetail(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """All categories in tree order, each with its children and the number of products on show below it."""
        categories = selectors.list_categories()
        if parent := request.query_params.get("parent"):
            parent_id = None if parent == "root" else selectors.get_category(parent[:200]).pk
            shown = [each for each in categories if each.parent_id == parent_id]
        else:
            shown = categories
        language = pick_language(request)
        return self.answer_page(shown, lambda page: _many(categories, page, language))

    @extend_schema(
        operation_id="create_category",
        tags=["categories"],
        request=s.CategoryRequest,
        responses={201: s.CategoryDetail, **errors(401, 403, 415)},
        examples=[_CATEGORY],
    )
    def post(self, request: Request) -> Response:
        data, language = read_body(s.CategoryRequest, request), pick_language(request)
        category = services.create_category(
            actor=get_caller(request),
            names=require_texts(data, "name", "names", language),
            slug=data.get("slug", ""),
            parent_id=data.get("parent"),
            descriptions=merged_texts(data, "description", "descriptions", language),
            image_id=data.get("image"),
            position=data.get("position", 0),
        )
        return Response(_one(category, language), status=201)


def _many(everything: list[Category], shown: Sequence[Category], language: str) -> list[dict[str, Any]]:
    counts = selectors.count_products_by_category()
    children: dict[int | None, list[Category]] = defaultdict(list)
    for each in everything:
        children[each.parent_id].append(each)
    return [shapes.category_json(each, children[each.pk], counts, language) for each in shown]


def _one(category: Category, language: str) -> dict[str, Any]:
    return _many(selectors.list_categories(), [category], language)[0]


class CategoryView(APIView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="get_category",
        tags=["categories"],
        responses={200: s.CategoryDetail, **errors(401, 404)},
    )
    def get(self, request: Request, key: str) -> Response:
        """One category by id or slug."""
        return Response(_one(selectors.get_category(key), pick_language(request)))

    def _change(self, request: Request, key: str, *, replaces: bool) -> Response:
        data, language = read_body(s.CategoryRequest, request), pick_language(request)
        read_names = require_texts if replaces else merged_texts
        category = services.update_category(
            category_id=selectors.get_category(key).pk,
            actor=get_caller(request),
            names=read_names(data, "name", "names", language),
            slug=data.get("slug", ""),
            parent_id=data.get("parent", UNSET),
            descriptions=merged_texts(data, "description", "descriptions", language),
            image_id=data.get("image", UNSET),
            position=data.get("position"),
        )
        return Response(_one(category, language))

    @extend_schema(
        operation_id="replace_category",
        tags=["categories"],
        request=s.CategoryRequest,
        responses={200: s.CategoryDetail, **errors(401, 403, 404, 415)},
        examples=[_CATEGORY],
    )
    def put(self, request: Request, key: str) -> Response:
        """Change what is given; a name is needed."""
        return self._change(request, key, replaces=True)

    @extend_schema(
        operation_id="change_category",
        tags=["categories"],
        request=s.CategoryRequest,
        responses={200: s.CategoryDetail, **errors(401, 403, 404, 415)},
        examples=[_CATEGORY],
    )
    def patch(self, request: Request, key: str) -> Response:
        return self._change(request, key, replaces=False)

    @extend_schema(
        operation_id="delete_category",
        tags=["categories"],
        responses={204: None, **errors(401, 403, 404, 409)},
    )
    def delete(self, request: Request, key: str) -> Response:
        services.delete_category(category_id=selectors.get_category(key).pk, actor=get_caller(request))
        return Response(status=204)
