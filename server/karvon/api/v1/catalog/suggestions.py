"""What somebody may be about to type."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.permissions import AllowAny
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.catalog.search.suggesting import suggest
from karvon.kernel.languages import pick_language


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
        found = suggest(request.query_params.get("q", ""), pick_language(request))
        return self.answer_page(found, list)
