"""Stock levels of merchants, and every movement of theirs."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.schema import errors
from karvon.api.v1.inventory import examples
from karvon.api.v1.inventory.serializers import (
    StockAdjustRequest,
    StockLevelDetail,
    StockLevelQuery,
    StockMovementDetail,
    StockMovementQuery,
    StockReceiveRequest,
    StockThresholdRequest,
    StockTransferDetail,
    StockTransferRequest,
)
from karvon.inventory import selectors, services
from karvon.inventory.models import StockLevel, StockMovement
from karvon.kernel.idempotency import idempotent

TAGS = ["stock"]


class StockLevelListView(GenericAPIView[StockLevel]):
    permission_classes = [IsMerchantOrOperator]
    serializer_class = StockLevelDetail

    @extend_schema(
        operation_id="stock_list",
        tags=TAGS,
        summary="Stock levels",
        parameters=[StockLevelQuery],
        responses={200: StockLevelDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.LEVEL_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """A merchant's own levels; operators see all. `low` keeps those at or below their threshold."""
        query = StockLevelQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = self.paginate_queryset(_filter_levels(selectors.levels_visible_to(request.user), query))
        return self.get_paginated_response(StockLevelDetail(page, many=True).data)


def _filter_levels(levels: QuerySet[StockLevel], query: StockLevelQuery) -> QuerySet[StockLevel]:
    asked = query.validated_data
    columns = {
        "merchant": "variant__merchant_id",
        "branch": "branch_id",
        "product": "variant__product_id",
        "variant": "variant_id",
    }
    levels = levels.filter(**{column: asked[name] for name, column in columns.items() if name in asked})
    if asked["low"]:
        levels = selectors.only_low(levels)
    if search := asked.get("search"):
        levels = levels.filter(
            Q(variant__sku__icontains=search) | Q(variant__product__title__icontains=search)
        )
    return levels.order_by("id")


class StockLevelView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="stock_retrieve",
        tags=TAGS,
        summary="One stock level",
        responses={200: StockLevelDetail, **errors(401, 403, 404, 429)},
        examples=[examples.LEVEL_ANSWER],
    )
    def get(self, request: Request, level_id: int) -> Response:
        """404 for another merchant's."""
        return Response(StockLevelDetail(selectors.get_level(level_id, request.user)).data)

    @extend_schema(
        operation_id="stock_partial_update",
        tags=TAGS,
        summary="Set the low-stock threshold",
        request=StockThresholdRequest,
        responses={200: StockLevelDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.THRESHOLD_REQUEST, examples.LEVEL_ANSWER],
    )
    def patch(self, request: Request, level_id: int) -> Response:
        """An alert goes out once when the units for sale fall to the threshold. null switches it off."""
        body = StockThresholdRequest(data=request.data)
        body.is_valid(raise_exception=True)
        level = services.set_threshold(level_id=level_id, actor=request.user, **body.validated_data)
        return Response(StockLevelDetail(level).data)


class StockAdjustView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="stock_adjust",
        tags=TAGS,
        summary="Correct a stock level",
        request=StockAdjustRequest,
        responses={200: StockLevelDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.ADJUST_REQUEST, examples.LEVEL_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """By a difference or to a counted number. 409 when fewer units would remain than orders hold."""
        body = StockAdjustRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        level = services.adjust_stock(
            variant_id=asked["variant"],
            branch_id=asked["branch"],
            quantity_delta=asked["quantity_delta"],
            on_hand=asked["on_hand"],
            reason=asked["reason"],
            actor=request.user,
        )
        return Response(StockLevelDetail(level).data)


class StockReceiveView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="stock_receive",
        tags=TAGS,
        summary="Book units that arrived",
        request=StockReceiveRequest,
        responses={200: StockLevelDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.RECEIVE_REQUEST, examples.LEVEL_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Send an `Idempotency-Key`, so that a repeated request books them once."""
        body = StockReceiveRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        level = services.receive_stock(
            variant_id=asked["variant"],
            branch_id=asked["branch"],
            quantity=asked["quantity"],
            reason=asked["reason"],
            actor=request.user,
        )
        return Response(StockLevelDetail(level).data)


class StockTransferView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="stock_transfer",
        tags=TAGS,
        summary="Move units between branches",
        request=StockTransferRequest,
        responses={200: StockTransferDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.TRANSFER_REQUEST, examples.TRANSFER_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Both branches belong to the variant's merchant. Units that orders hold stay where they are
        (409).
        """
        body = StockTransferRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        source, target = services.transfer_stock(
            variant_id=asked["variant"],
            from_branch_id=asked["from_branch"],
            to_branch_id=asked["to_branch"],
            quantity=asked["quantity"],
            reason=asked["reason"],
            actor=request.user,
        )
        return Response(StockTransferDetail({"from": source, "to": target}).data)


class StockMovementListView(GenericAPIView[StockMovement]):
    permission_classes = [IsMerchantOrOperator]
    serializer_class = StockMovementDetail

    @extend_schema(
        operation_id="stock_movements_list",
        tags=TAGS,
        summary="The ledger of stock",
        parameters=[StockMovementQuery],
        responses={200: StockMovementDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.MOVEMENT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first. The lines of a level sum up to its `on_hand`."""
        query = StockMovementQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        columns = {
            "level": "level_id",
            "branch": "level__branch_id",
            "variant": "level__variant_id",
            "order": "order_id",
            "kind": "kind",
        }
        asked = {columns[name]: value for name, value in query.validated_data.items()}
        page = self.paginate_queryset(selectors.movements_visible_to(request.user).filter(**asked))
        return self.get_paginated_response(StockMovementDetail(page, many=True).data)
