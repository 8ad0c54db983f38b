"""Tags: made by whoever tags a product, named and removed by the platform's staff."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperatorOrReadOnly
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.api.v1.catalog.bodies import merged_texts, read_body, require_texts
from karvon.catalog import selectors, services
from karvon.catalog.models import Tag
from karvon.catalog.texts import text_in
from karvon.kernel.languages import pick_language


def _shape(tag: Tag, language: str) -> dict[str, Any]:
    return {"slug": tag.slug, "name": text_in(tag, "name", language)}


class TagListView(PagedView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="list_tags",
        tags=["tags"],
        responses={200: s.ProductTag(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """All tags by slug; their products by `/products/?tag=`."""
        language = pick_language(request)
        return self.answer_page(selectors.list_tags(), lambda page: [_shape(each, language) for each in page])

    @extend_schema(
        operation_id="create_tag",
        tags=["tags"],
        request=s.TagRequest,
        responses={201: s.ProductTag, **errors(401, 403, 415)},
        examples=[OpenApiExample("a tag", request_only=True, value={"name": "Spicy", "slug": "spicy"})],
    )
    def post(self, request: Request) -> Response:
        data, language = read_body(s.TagRequest, request), pick_language(request)
        row = services.create_tag(
            actor=get_caller(request),
            names=require_texts(data, "name", "names", language),
            slug=data.get("slug", ""),
        )
        return Response(_shape(row, language), status=201)


class TagView(APIView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(operation_id="get_tag", tags=["tags"], responses={200: s.ProductTag, **errors(401, 404)})
    def get(self, request: Request, slug: str) -> Response:
        return Response(_shape(selectors.get_tag(slug), pick_language(request)))

    @extend_schema(
        operation_id="change_tag",
        tags=["tags"],
        request=s.TagChangeRequest,
        responses={200: s.ProductTag, **errors(401, 403, 404, 415)},
        examples=[
            OpenApiExample(
                "in two languages", request_only=True, value={"names": {"en": "Hot", "ru": "Острое"}}
            )
        ],
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Other names; the slug stays, because files and links use it."""
        data, language = read_body(s.TagChangeRequest, request), pick_language(request)
        row = services.update_tag(
            tag_id=selectors.get_tag(slug).pk,
            actor=get_caller(request),
            names=merged_texts(data, "name", "names", language) or {},
        )
        return Response(_shape(row, language))

    @extend_schema(operation_id="delete_tag", tags=["tags"], responses={204: None, **errors(401, 403, 404)})
    def delete(self, request: Request, slug: str) -> Response:
        """Takes it off every product."""
        services.delete_tag(tag_id=selectors.get_tag(slug).pk, actor=get_caller(request))
        return Response(status=204)
