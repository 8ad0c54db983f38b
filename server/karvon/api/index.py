"""What stands behind the address of the API itself, for people who follow the banner's link."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny
from karvon.api.schema import errors

RESOURCES = (
    "products",
    "categories",
    "collections",
    "attributes",
    "tags",
    "merchants",
    "branches",
    "cart",
    "orders",
    "reviews",
)
_EXAMPLE = {
    "name": "Karvon",
    "documentation": "http://localhost:8000/api/v1/docs/",
    "schema": "http://localhost:8000/api/v1/schema/",
    "resources": {"products": "http://localhost:8000/api/v1/products/"},
}


class Index(serializers.Serializer):
    name = serializers.CharField()
    documentation = serializers.URLField()
    schema = serializers.URLField()
    resources = serializers.DictField(child=serializers.URLField())


class IndexView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="index",
        tags=["index"],
        summary="Where everything is",
        responses={200: Index, **errors(401, 429)},
        examples=[OpenApiExample("the index", value=_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Addresses of the documentation and of the main resources."""
        at = request.build_absolute_uri("/api/v1/")
        return Response(
            {
                "name": "Karvon",
                "documentation": f"{at}docs/",
                "schema": f"{at}schema/",
                "resources": {name: f"{at}{name}/" for name in RESOURCES},
            }
        )
