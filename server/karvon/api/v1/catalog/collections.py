"""Collections, hand-picked or by rule: the platform's and merchants' own."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperatorOrReadOnly
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.api.v1.catalog import shapes
from karvon.api.v1.catalog.bodies import merchant_of, merged_texts, read_body, require_texts
from karvon.catalog import selectors, services
from karvon.catalog.models import CollectionKind
from karvon.kernel.languages import pick_language

_BY_RULE = OpenApiExample(
    "by rule",
    request_only=True,
    value={
        "title": "Cheap and hot",
        "kind": "rule",
        "rule": {
            "all": [
                {"field": "price", "op": "lt", "value": "30000"},
                {"field": "tag", "op": "in", "value": ["hot", "spicy"]},
            ]
        },
    },
)
_BY_HAND = OpenApiExample(
    "hand-picked", request_only=True, value={"title": "The cook recommends", "products": [12, 7]}
)


class CollectionListView(PagedView):
    permission_classes = [IsMerchantOrOperatorOrReadOnly]

    @extend_schema(
        operation_id="list_collections",
        tags=["collections"],
        responses={200: s.CollectionDetail(many=True), **errors(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """Collections on show, and the caller's own others; their products by `/products/?collection=`."""
        language = pick_language(request)
        return self.answer_page(
            selectors.collections_visible_to(request.user),
            lambda page: [shapes.collection_json(each, language) for each in page],
        )

    @extend_schema(
        operation_id="create_collection",
        tags=["collections"],
        request=s.CollectionRequest,
        responses={201: s.CollectionDetail, **errors(401, 403, 404, 415)},
        examples=[_BY_HAND, _BY_RULE],
    )
    def post(self, request: Request) -> Response:
        """An operator's collection is the platform's unless a merchant is named."""
        data, language = read_body(s.CollectionRequest, request), pick_language(request)
        actor, merchant_id = get_caller(request), data.get("merchant")
        if merchant_id is None and not actor.is_operator:
            merchant_id = merchant_of(actor, None)
        row = services.create_collection(
            actor=actor,
            titles=require_texts(data, "title", "titles", language),
            merchant_id=merchant_id,
            slug=data.get("slug", ""),
            descriptions=merged_texts(data, "description", "descriptions", language),
            kind=data.get("kind", CollectionKind.MANUAL),
            rule=data.get("rule"),
            is_active=data.get("is_active", True),
            position=data.get("position", 0),
            product_ids=data.get("products"),
        )
        return Response(shapes.collection_json(row, language), status=201)


class CollectionView(APIView):
    permission_classes = [IsMerchantOrOperatorOrReadOnly]

    @extend_schema(
        operation_id="get_collection",
        tags=["collections"],
        responses={200: s.CollectionDetail, **errors(401, 404)},
    )
    def get(self, request: Request, key: str) -> Response:
        """One collection by id or slug."""
        row = selectors.get_collection(key, request.user)
        return Response(shapes.collection_json(row, pick_language(request)))

    @extend_schema(
        operation_id="change_collection",
        tags=["collections"],
        request=s.CollectionChangeRequest,
        responses={200: s.CollectionDetail, **errors(401, 403, 404, 415)},
        examples=[OpenApiExample("other products", request_only=True, value={"products": [7, 12]})],
    )
    def patch(self, request: Request, key: str) -> Response:
        """Change what is given; `products` are all of the hand-picked ones, in this order."""
        data, language = read_body(s.CollectionChangeRequest, request), pick_language(request)
        actor = get_caller(request)
        row = services.update_collection(
            collection_id=selectors.get_collection(key, actor).pk,
            actor=actor,
            titles=merged_texts(data, "title", "titles", language),
            descriptions=merged_texts(data, "description", "descriptions", language),
            rule=data.get("rule"),
            is_active=data.get("is_active"),
            position=data.get("position"),
            product_ids=data.get("products"),
        )
        return Response(shapes.collection_json(row, language))

    @extend_schema(
        operation_id="delete_collection",
        tags=["collections"],
        responses={204: None, **errors(401, 403, 404)},
    )
    def delete(self, request: Request, key: str) -> Response:
        actor = get_caller(request)
        services.delete_collection(collection_id=selectors.get_collection(key, actor).pk, actor=actor)
        return Response(status=204)
