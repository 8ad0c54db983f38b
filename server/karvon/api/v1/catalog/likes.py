"""Likes of products, collections, merchants, branches and reviews."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated, IsAuthenticatedOrReadOnly
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.catalog import marks, services
from karvon.kernel.languages import pick_language

KIND = OpenApiParameter(
    "kind",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="product, collection, merchant, branch or review",
)
OBJECT = OpenApiParameter(
    "object_id", OpenApiTypes.INT, OpenApiParameter.PATH, description="The object's id."
)
OF_KIND = OpenApiParameter("kind", OpenApiTypes.STR, description="Only objects of this kind.")
LIKED = OpenApiExample(
    "liked", response_only=True, value={"kind": "product", "id": 7, "count": 12, "liked": True}
)


def state_json(state: marks.LikeState) -> dict[str, Any]:
    return {"kind": state.kind, "id": state.object_id, "count": state.count, "liked": state.is_mine}


def marked_json(each: marks.Marked) -> dict[str, Any]:
    return {"kind": each.kind, "id": each.object_id, "title": each.title, "since": each.since}


class LikeListView(PagedView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="list_likes",
        tags=["likes"],
        parameters=[OF_KIND],
        responses={200: s.MarkedObject(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """What the caller likes and may still see, newest first."""
        language = pick_language(request)
        return self.answer_page(
            marks.list_own_likes(get_caller(request), kind=request.query_params.get("kind", "")),
            lambda page: [marked_json(each) for each in marks.describe(page, language)],
        )


class LikeView(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(
        operation_id="get_likes",
        tags=["likes"],
        parameters=[KIND, OBJECT],
        responses={200: s.LikeReport, **errors(401, 404)},
        examples=[LIKED],
    )
    def get(self, request: Request, kind: str, object_id: int) -> Response:
        """How many like it, and whether the caller does."""
        return Response(state_json(marks.get_likes(kind, object_id, request.user)))

    @extend_schema(
        operation_id="like",
        tags=["likes"],
        parameters=[KIND, OBJECT],
        request=None,
        responses={200: s.LikeReport, **errors(401, 404)},
        examples=[LIKED],
    )
    def put(self, request: Request, kind: str, object_id: int) -> Response:
        """Like it; twice is once."""
        user = get_caller(request)
        services.like(user=user, kind=kind, object_id=object_id)
        return Response(state_json(marks.get_likes(kind, object_id, user)))

    @extend_schema(
        operation_id="unlike",
        tags=["likes"],
        parameters=[KIND, OBJECT],
        responses={204: None, **errors(401, 404)},
    )
    def delete(self, request: Request, kind: str, object_id: int) -> Response:
        """Take the like back; once more changes nothing."""
        services.unlike(user=get_caller(request), kind=kind, object_id=object_id)
        return Response(status=204)
