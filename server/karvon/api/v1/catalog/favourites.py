"""A customer's wishlist."""

from __future__ import annotations

import orjson
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.catalog import serializers as s
from karvon.api.v1.catalog.bodies import read_body
from karvon.catalog import selectors, services
from karvon.catalog.window import list_by_ids
from karvon.kernel.languages import pick_language


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
        examples=[OpenApiExample("a product", value={"product": 7})],
    )
    def post(self, request: Request) -> Response:
        data = read_body(s.FavouriteRequest, request)
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
