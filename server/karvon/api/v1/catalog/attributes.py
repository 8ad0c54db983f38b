"""Attributes and their choices, made at run time by the platform's staff."""

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
from karvon.api.v1.catalog import shapes
from karvon.api.v1.catalog.bodies import read_body
from karvon.catalog import selectors, services
from karvon.catalog.inputs import ValueInput
from karvon.kernel.errors import NotFound
from karvon.kernel.languages import pick_language


def _choices(data: list[dict[str, Any]], language: str) -> list[ValueInput]:
    return [
        ValueInput(
            code="", value=each["code"], labels={language: each["label"]}, colour=each.get("colour", "")
        )
        for each in data
    ]


_NEW = OpenApiExample(
    "a choice of colours",
    request_only=True,
    value={
        "code": "colour",
        "name": "Colour",
        "type": "colour",
        "is_option": True,
        "choices": [{"code": "red", "label": "Red", "colour": "#cc2222"}],
    },
)
_CHANGE = OpenApiExample(
    "another choice", request_only=True, value={"choices": [{"code": "blue", "label": "Blue"}]}
)


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
        examples=[_NEW],
    )
    def post(self, request: Request) -> Response:
        data, language = read_body(s.AttributeShape, request), pick_language(request)
        row = services.create_attribute(
            actor=get_caller(request),
            code=data["code"],
            names={language: data["name"]},
            type=data["type"],
            unit=data.get("unit", ""),
            is_filterable=data.get("is_filterable", True),
            is_option=data.get("is_option", False),
            position=data.get("position", 0),
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
        examples=[_CHANGE],
    )
    def patch(self, request: Request, attribute_id: int) -> Response:
        """Change what is given, in the caller's language. Choices are known by their codes; others stay."""
        data, language = read_body(s.AttributeChangeRequest, request), pick_language(request)
        row = services.update_attribute(
            attribute_id=attribute_id,
            actor=get_caller(request),
            names={language: data["name"]} if "name" in data else None,
            unit=data.get("unit"),
            is_filterable=data.get("is_filterable"),
            is_option=data.get("is_option"),
            position=data.get("position"),
            choices=_choices(data["choices"], language) if "choices" in data else None,
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
