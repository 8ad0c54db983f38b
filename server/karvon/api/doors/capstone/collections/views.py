"""The category tree, flat and under the name that this door's clients know: anyone reads, administrators write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperatorOrReadOnly
from karvon.api.doors.capstone.collections import serializers as s
from karvon.api.doors.capstone.pages import StorePagedView
from karvon.api.schema import errors
from karvon.catalog import selectors, services
from karvon.catalog.models import Category
from karvon.catalog.texts import text_in
from karvon.kernel.languages import pick_language

TAGS = ["storefront"]
_ANSWER = OpenApiExample(
    "collection", value={"id": 3, "title": "Bakery", "products_count": 12}, response_only=True
)
_REQUEST = OpenApiExample("collection", value={"title": "Bakery"}, request_only=True)


def _many(categories: Sequence[Category], language: str) -> list[dict[str, Any]]:
    counts = selectors.count_products_by_category()
    return [
        {
            "id": each.pk,
            "title": text_in(each, "name", language),
            "products_count": counts.get(each.pk, 0),
        }
        for each in categories
    ]


def _read(request: Request) -> dict[str, str]:
    """The title, by the language that it is written in."""
    body = s.StoreCollectionRequest(data=request.data)
    body.is_valid(raise_exception=True)
    return {pick_language(request): body.validated_data["title"]}


class CollectionListView(StorePagedView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="store_collections_list",
        tags=TAGS,
        summary="Collections",
        responses={200: s.StoreCollection(many=True), **errors(400, 401, 404)},
        examples=[_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """All of them, each before those in it."""
        language = pick_language(request)
        return self.answer_page(selectors.list_categories(), lambda page: _many(page, language))

    @extend_schema(
        operation_id="store_collections_create",
        tags=TAGS,
        summary="Make a collection",
        request=s.StoreCollectionRequest,
        responses={201: s.StoreCollection, **errors(400, 401, 403, 409)},
        examples=[_REQUEST, _ANSWER],
    )
    def post(self, request: Request) -> Response:
        """At the top of the tree."""
        category = services.create_category(actor=get_caller(request), names=_read(request))
        (shown,) = _many([category], pick_language(request))
        return Response(shown, status=status.HTTP_201_CREATED)


class CollectionView(APIView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="store_collections_retrieve",
        tags=TAGS,
        summary="A collection",
        responses={200: s.StoreCollection, **errors(401, 404)},
        examples=[_ANSWER],
    )
    def get(self, request: Request, category_id: int) -> Response:
        """One of them by id."""
        (shown,) = _many([selectors.get_category(str(category_id))], pick_language(request))
        return Response(shown)

    @extend_schema(
        operation_id="store_collections_update",
        tags=TAGS,
        summary="Rename a collection",
        request=s.StoreCollectionRequest,
        responses={200: s.StoreCollection, **errors(400, 401, 403, 404, 409)},
        examples=[_REQUEST, _ANSWER],
    )
    def put(self, request: Request, category_id: int) -> Response:
        """In the language of the request."""
        category = services.update_category(
            category_id=category_id, actor=get_caller(request), names=_read(request)
        )
        (shown,) = _many([category], pick_language(request))
        return Response(shown)

    @extend_schema(
        operation_id="store_collections_destroy",
        tags=TAGS,
        summary="Delete a collection",
        responses={204: None, **errors(401, 403, 404, 409)},
    )
    def delete(self, request: Request, category_id: int) -> Response:
        """409 while there is something in it."""
        services.delete_category(category_id=category_id, actor=get_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
