"""Questions asked about dishes: their merchant's, and operators'."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.api.v1.catalog import shapes
from karvon.api.v1.catalog.bodies import check_merchant_stays, merchant_of, read_body
from karvon.catalog import selectors, services
from karvon.catalog.services.modifiers import ModifierInput
from karvon.kernel.languages import pick_language

_SAUCES = OpenApiExample(
    "sauces to choose from",
    request_only=True,
    value={
        "name": "Sauce",
        "min_picks": 0,
        "max_picks": 2,
        "modifiers": [{"name": "Garlic"}, {"name": "Cheese", "price_delta": "3000.00"}],
    },
)


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
        examples=[_SAUCES],
    )
    def post(self, request: Request) -> Response:
        data, language, actor = (
            read_body(s.ModifierGroupRequest, request),
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
        operation_id="get_modifier_group",
        tags=["modifier groups"],
        responses={200: s.ModifierGroupDetail, **errors(401, 403, 404)},
    )
    def get(self, request: Request, group_id: int) -> Response:
        row = selectors.get_own_modifier_group(group_id, request.user)
        return Response(shapes.modifier_group_json(row, pick_language(request)))

    @extend_schema(
        operation_id="replace_modifier_group",
        tags=["modifier groups"],
        request=s.ModifierGroupRequest,
        responses={200: s.ModifierGroupDetail, **errors(401, 403, 404, 415)},
        examples=[_SAUCES],
    )
    def put(self, request: Request, group_id: int) -> Response:
        """Modifiers are known by their ids; those that are not given are withdrawn."""
        data, language, actor = (
            read_body(s.ModifierGroupRequest, request),
            pick_language(request),
            get_caller(request),
        )
        check_merchant_stays(data, selectors.get_own_modifier_group(group_id, actor).merchant_id)
        services.update_modifier_group(
            group_id=group_id,
            actor=actor,
            names={language: data["name"]},
            min_picks=data["min_picks"],
            max_picks=data["max_picks"],
            modifiers=_modifiers(data["modifiers"], language),
        )
        row = selectors.get_own_modifier_group(group_id, request.user)
        return Response(shapes.modifier_group_json(row, language))

    @extend_schema(
        operation_id="delete_modifier_group",
        tags=["modifier groups"],
        responses={204: None, **errors(401, 403, 404)},
    )
    def delete(self, request: Request, group_id: int) -> Response:
        services.delete_modifier_group(group_id=group_id, actor=get_caller(request))
        return Response(status=204)
