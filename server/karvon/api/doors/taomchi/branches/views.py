"""Where orders are handed over."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.permissions import AllowAny
from karvon.api.doors.taomchi.branches import serializers as s
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.merchants import selectors

TAGS = ["food ordering"]
_BRANCH = {
    "id": 2,
    "name": "Chilonzor",
    "address": "Bunyodkor 12",
    "city": "Tashkent",
    "phone": "+998712000000",
    "merchant": {"id": 1, "username": "choyxona", "name": "Choyxona"},
    "location": {"lat": 41.285, "lng": 69.204},
    "timezone": "Asia/Tashkent",
    "opening_hours": [],
    "zones": [],
    "is_open": True,
    "offers_delivery": True,
    "offers_pickup": True,
    "delivery_fee": "15000.00",
    "free_delivery_from": "150000.00",
    "minimum_order": "50000.00",
    "currency": "UZS",
}
BRANCH_ANSWER = OpenApiExample("branch", value=_BRANCH, response_only=True)
NEAR_ANSWER = OpenApiExample("branch", value=_BRANCH | {"distance_km": 1.204}, response_only=True)


class BranchListView(PagedView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="food_branches_list",
        tags=TAGS,
        summary="Branches",
        responses={200: s.FoodBranch(many=True), **errors(400, 401, 404)},
        examples=[BRANCH_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Of all shops that are open."""
        branches = selectors.list_branches(request.user)
        return self.answer_page(branches, lambda page: list(s.FoodBranch(page, many=True).data))


class NearestBranchView(PagedView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="food_branches_nearest",
        tags=TAGS,
        summary="Branches around a point",
        parameters=[s.FoodPointQuery],
        responses={200: s.FoodNearBranch(many=True), **errors(400, 401, 404)},
        examples=[NEAR_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """The nearest first."""
        query = s.FoodPointQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        branches = selectors.list_nearest_branches(
            request.user, latitude=asked["lat"], longitude=asked["lng"]
        )
        return self.answer_page(branches, lambda page: list(s.FoodNearBranch(page, many=True).data))
