"""Tags: made by whoever tags a product, named and removed by the platform's staff."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import AllowAny, IsMerchantOrOperatorOrReadOnly, IsOperatorOrReadOnly
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.api.v1.catalog.bodies import merged_texts, read_body, require_texts
from karvon.api.v1.catalog.likes import KIND, OBJECT, OF_KIND, marked_json
from karvon.catalog import marks, selectors, services
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


class TaggedListView(PagedView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="list_tagged",
        tags=["tags"],
        parameters=[OF_KIND],
        responses={200: s.MarkedObject(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Collections, merchants, branches and reviews with a tag, newest first; its products by `/products/?tag=`."""
        language, kind = pick_language(request), request.query_params.get("kind", "")
        return self.answer_page(
            marks.list_tagged(selectors.get_tag(slug), request.user, kind=kind),
            lambda page: [marked_json(each) for each in marks.describe(page, language)],
        )


class ObjectTagsView(APIView):
    permission_classes = [IsMerchantOrOperatorOrReadOnly]

    @extend_schema(
        operation_id="get_object_tags",
        tags=["tags"],
        parameters=[KIND, OBJECT],
        responses={200: s.ObjectTags, **errors(401, 404)},
    )
    def get(self, request: Request, kind: str, object_id: int) -> Response:
        """The tags of an object of any kind."""
        return Response(self._shape(request, kind, object_id))

    @extend_schema(
        operation_id="set_object_tags",
        tags=["tags"],
        parameters=[KIND, OBJECT],
        request=s.ObjectTagsRequest,
        responses={200: s.ObjectTags, **errors(401, 403, 404, 415)},
        examples=[OpenApiExample("two tags", request_only=True, value={"tags": ["Hot", "Halal"]})],
    )
    def put(self, request: Request, kind: str, object_id: int) -> Response:
        """All of its tags, by name; new names make new tags. For whoever may change the object."""
        data = read_body(s.ObjectTagsRequest, request)
        services.set_tags(actor=get_caller(request), kind=kind, object_id=object_id, names=data["tags"])
        return Response(self._shape(request, kind, object_id))

    def _shape(self, request: Request, kind: str, object_id: int) -> dict[str, Any]:
        language = pick_language(request)
        found = marks.list_tags_of(kind, object_id, request.user)
        return {"kind": kind, "id": object_id, "tags": [_shape(each, language) for each in found]}
