"""Categories, attributes, tags, collections, modifier groups, favourites, suggestions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import (
    AllowAny,
    IsAuthenticated,
    IsMerchantOrOperator,
    IsMerchantOrOperatorOrReadOnly,
    IsOperatorOrReadOnly,
)
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.api.v1.catalog import shapes
from karvon.api.v1.catalog.writing import merchant_of
from karvon.catalog import selectors, services
from karvon.catalog.inputs import ValueInput
from karvon.catalog.models import Category, Collection
from karvon.catalog.services.categories import UNSET
from karvon.catalog.services.modifiers import ModifierInput
from karvon.catalog.texts import text_in
from karvon.catalog.window.reading import list_by_ids
from karvon.kernel.errors import NotFound
from karvon.kernel.languages import pick_language

_CATEGORY = OpenApiExample(
    "a category",
    request_only=True,
    value={"name": "Shirts", "slug": "shirts", "parent": 3, "description": ""},
)


def _valid(serializer: type[Any], request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _texts(data: dict[str, Any], name: str, plural: str, language: str) -> dict[str, str] | None:
    return s.merged_texts(data, name, plural, language)


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
        data, language = _valid(s.CategoryRequest, request), pick_language(request)
        category = services.create_category(
            actor=get_caller(request),
            names=_texts(data, "name", "names", language) or {"en": ""},
            slug=data.get("slug", ""),
            parent_id=data.get("parent"),
            descriptions=_texts(data, "description", "descriptions", language),
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

    def _change(self, request: Request, key: str) -> Response:
        data, language = _valid(s.CategoryRequest, request), pick_language(request)
        category = services.update_category(
            category_id=selectors.get_category(key).pk,
            actor=get_caller(request),
            names=_texts(data, "name", "names", language),
            slug=data.get("slug", ""),
            parent_id=data.get("parent", UNSET),
            descriptions=_texts(data, "description", "descriptions", language),
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
        return self._change(request, key)

    @extend_schema(
        operation_id="change_category",
        tags=["categories"],
        request=s.CategoryRequest,
        responses={200: s.CategoryDetail, **errors(401, 403, 404, 415)},
        examples=[_CATEGORY],
    )
    def patch(self, request: Request, key: str) -> Response:
        return self._change(request, key)

    @extend_schema(
        operation_id="delete_category",
        tags=["categories"],
        responses={204: None, **errors(401, 403, 404, 409)},
    )
    def delete(self, request: Request, key: str) -> Response:
        services.delete_category(category_id=selectors.get_category(key).pk, actor=get_caller(request))
        return Response(status=204)


def _choices(data: list[dict[str, Any]], language: str) -> list[ValueInput]:
    return [
        ValueInput(
            code="", value=each["code"], labels={language: each["label"]}, colour=each.get("colour", "")
        )
        for each in data
    ]


class AttributeListView(PagedView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="list_attributes",
        tags=["attributes"],
        responses={200: s.AttributeShape(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """Attributes with their choices; `attr_<code>` filters products by them."""
        language = pick_language(request)
        return self.answer_page(
            selectors.list_attributes(),
            lambda page: [shapes.attribute_json(each, language) for each in page],
        )

    @extend_schema(
        operation_id="create_attribute",
        tags=["attributes"],
        request=s.AttributeShape,
        responses={201: s.AttributeShape, **errors(401, 403, 409, 415)},
    )
    def post(self, request: Request) -> Response:
        data, language = _valid(s.AttributeShape, request), pick_language(request)
        row = services.create_attribute(
            actor=get_caller(request),
            code=data["code"],
            names={language: data["name"]},
            type=data["type"],
            unit=data.get("unit", ""),
            is_filterable=data.get("is_filterable", True),
            is_option=data.get("is_option", False),
            choices=_choices(data.get("choices", []), language),
        )
        return Response(shapes.attribute_json(row, language), status=201)


class AttributeView(APIView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="get_attribute",
        tags=["attributes"],
        responses={200: s.AttributeShape, **errors(401, 404)},
    )
    def get(self, request: Request, attribute_id: int) -> Response:
        row = selectors.list_attributes().filter(pk=attribute_id).first()
        if row is None:
            raise NotFound
        return Response(shapes.attribute_json(row, pick_language(request)))

    @extend_schema(
        operation_id="change_attribute",
        tags=["attributes"],
        request=s.AttributeChangeRequest,
        responses={200: s.AttributeShape, **errors(401, 403, 404, 415)},
    )
    def patch(self, request: Request, attribute_id: int) -> Response:
        data, language = _valid(s.AttributeChangeRequest, request), pick_language(request)
        actor = get_caller(request)
        row = services.update_attribute(
            attribute_id=attribute_id,
            actor=actor,
            names={language: data["name"]} if "name" in data else None,
            unit=data.get("unit"),
            is_filterable=data.get("is_filterable"),
            is_option=data.get("is_option"),
        )
        if "choices" in data:
            row = services.set_choices(
                attribute_id=attribute_id, actor=actor, choices=_choices(data["choices"], language)
            )
        return Response(shapes.attribute_json(row, language))

    @extend_schema(
        operation_id="delete_attribute",
        tags=["attributes"],
        responses={204: None, **errors(401, 403, 404, 409)},
    )
    def delete(self, request: Request, attribute_id: int) -> Response:
        services.delete_attribute(attribute_id=attribute_id, actor=get_caller(request))
        return Response(status=204)


class TagListView(PagedView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="list_tags",
        tags=["tags"],
        responses={200: s.ProductTag(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        language = pick_language(request)
        return self.answer_page(
            selectors.list_tags(),
            lambda page: [{"slug": each.slug, "name": text_in(each, "name", language)} for each in page],
        )


class CollectionListView(PagedView):
    permission_classes = [IsMerchantOrOperatorOrReadOnly]

    @extend_schema(
        operation_id="list_collections",
        tags=["collections"],
        responses={200: s.CollectionDetail(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """Collections on show; their products by `/products/?collection=`."""
        language = pick_language(request)
        return self.answer_page(
            selectors.list_collections(),
            lambda page: [shapes.collection_json(each, language) for each in page],
        )

    @extend_schema(
        operation_id="create_collection",
        tags=["collections"],
        request=s.CollectionRequest,
        responses={201: s.CollectionDetail, **errors(401, 403, 404, 415)},
    )
    def post(self, request: Request) -> Response:
        data, language, actor = (
            _valid(s.CollectionRequest, request),
            pick_language(request),
            get_caller(request),
        )
        merchant_id = data.get("merchant")
        if merchant_id is None and not actor.is_operator:
            merchant_id = merchant_of(actor, None)
        row = services.create_collection(
            actor=actor,
            titles=_texts(data, "title", "titles", language) or {},
            merchant_id=merchant_id,
            slug=data.get("slug", ""),
            descriptions=_texts(data, "description", "descriptions", language),
            kind=data.get("kind", "manual"),
            rule=data.get("rule"),
        )
        if "products" in data:
            services.set_picks(collection_id=row.pk, actor=actor, product_ids=data["products"])
        return Response(shapes.collection_json(row, language), status=201)


class CollectionView(APIView):
    permission_classes = [IsMerchantOrOperatorOrReadOnly]

    @extend_schema(
        operation_id="get_collection",
        tags=["collections"],
        responses={200: s.CollectionDetail, **errors(401, 404)},
    )
    def get(self, request: Request, key: str) -> Response:
        row = selectors.list_collections().filter(pk=_collection_id(key)).first()
        if row is None:
            raise NotFound
        return Response(shapes.collection_json(row, pick_language(request)))

    @extend_schema(
        operation_id="change_collection",
        tags=["collections"],
        request=s.CollectionRequest,
        responses={200: s.CollectionDetail, **errors(401, 403, 404, 415)},
    )
    def patch(self, request: Request, key: str) -> Response:
        data, language, actor = (
            _valid(s.CollectionRequest, request),
            pick_language(request),
            get_caller(request),
        )
        row = services.update_collection(
            collection_id=_collection_id(key),
            actor=actor,
            titles=_texts(data, "title", "titles", language),
            descriptions=_texts(data, "description", "descriptions", language),
            rule=data.get("rule"),
        )
        if "products" in data:
            row = services.set_picks(collection_id=row.pk, actor=actor, product_ids=data["products"])
        return Response(shapes.collection_json(row, language))

    @extend_schema(
        operation_id="delete_collection",
        tags=["collections"],
        responses={204: None, **errors(401, 403, 404)},
    )
    def delete(self, request: Request, key: str) -> Response:
        services.delete_collection(collection_id=_collection_id(key), actor=get_caller(request))
        return Response(status=204)


def _collection_id(key: str) -> int:
    found = selectors.find_collection_id(key)
    if found is None or not Collection.objects.filter(pk=found).exists():
        raise NotFound
    return found


class ModifierGroupListView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="list_modifier_groups",
        tags=["modifier groups"],
        responses={200: s.ModifierGroupDetail(many=True), **errors(400, 401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        language = pick_language(request)
        return self.answer_page(
            selectors.modifier_groups_visible_to(request.user),
            lambda page: [shapes.modifier_group_json(each, language) for each in page],
        )

    @extend_schema(
        operation_id="create_modifier_group",
        tags=["modifier groups"],
        request=s.ModifierGroupRequest,
        responses={201: s.ModifierGroupDetail, **errors(401, 403, 404, 415)},
    )
    def post(self, request: Request) -> Response:
        data, language, actor = (
            _valid(s.ModifierGroupRequest, request),
            pick_language(request),
            get_caller(request),
        )
        row = services.create_modifier_group(
            merchant_id=merchant_of(actor, data.get("merchant")),
            actor=actor,
            names={language: data["name"]},
            min_picks=data["min_picks"],
            max_picks=data["max_picks"],
            modifiers=_modifiers(data["modifiers"], language),
        )
        return Response(shapes.modifier_group_json(row, language), status=201)


def _modifiers(data: list[dict[str, Any]], language: str) -> list[ModifierInput]:
    return [
        ModifierInput(
            names={language: each["name"]}, price_delta=each.get("price_delta", 0), id=each.get("id")
        )
        for each in data
    ]


class ModifierGroupView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="replace_modifier_group",
        tags=["modifier groups"],
        request=s.ModifierGroupRequest,
        responses={200: s.ModifierGroupDetail, **errors(401, 403, 404, 415)},
    )
    def put(self, request: Request, group_id: int) -> Response:
        data, language = _valid(s.ModifierGroupRequest, request), pick_language(request)
        services.update_modifier_group(
            group_id=group_id,
            actor=get_caller(request),
            names={language: data["name"]},
            min_picks=data["min_picks"],
            max_picks=data["max_picks"],
            modifiers=_modifiers(data["modifiers"], language),
        )
        row = selectors.modifier_groups_visible_to(request.user).get(pk=group_id)
        return Response(shapes.modifier_group_json(row, language))

    @extend_schema(
        operation_id="delete_modifier_group",
        tags=["modifier groups"],
        responses={204: None, **errors(401, 403, 404)},
    )
    def delete(self, request: Request, group_id: int) -> Response:
        services.delete_modifier_group(group_id=group_id, actor=get_caller(request))
        return Response(status=204)


class FavouriteListView(PagedView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="list_favourites",
        tags=["favourites"],
        responses={200: s.ProductListItem(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """The caller's wishlist, newest first, as products in lists."""
        language = pick_language(request)
        return self.answer_page(
            selectors.list_favourite_ids(get_caller(request)),
            lambda page: [orjson.Fragment(body) for body in list_by_ids(page, language)],
        )

    @extend_schema(
        operation_id="add_favourite",
        tags=["favourites"],
        request=s.FavouriteRequest,
        responses={201: s.FavouriteRequest, **errors(401, 404, 415)},
    )
    def post(self, request: Request) -> Response:
        data = _valid(s.FavouriteRequest, request)
        services.add_favourite(user=get_caller(request), product_id=data["product"])
        return Response(data, status=201)


class FavouriteView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="remove_favourite", tags=["favourites"], responses={204: None, **errors(401, 404)}
    )
    def delete(self, request: Request, product_id: int) -> Response:
        services.remove_favourite(user=get_caller(request), product_id=product_id)
        return Response(status=204)


class SuggestionView(PagedView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="suggest",
        tags=["search"],
        parameters=[OpenApiParameter("q", str)],
        responses={200: s.Suggestion(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """What somebody may be about to type."""
        found = selectors.suggest(request.query_params.get("q", ""), pick_language(request))
        return self.answer_page(found, list)
