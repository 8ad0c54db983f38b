"""Coupons and automatic promotions: merchants manage their own, operators all."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.schema import errors
from karvon.api.v1.promotions import examples
from karvon.api.v1.promotions.serializers import PromotionDetail, PromotionQuery, PromotionRequest
from karvon.kernel.idempotency import idempotent
from karvon.promotions import selectors, services
from karvon.promotions.models import Promotion
from karvon.promotions.services import PromotionInput

TAGS = ["promotions"]


class PromotionListView(GenericAPIView[Promotion]):
    permission_classes = [IsMerchantOrOperator]
    serializer_class = PromotionDetail

    @extend_schema(
        operation_id="promotions_list",
        tags=TAGS,
        summary="Promotions",
        parameters=[PromotionQuery],
        responses={200: PromotionDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.PROMOTION_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """In the order in which they apply."""
        query = PromotionQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = self.paginate_queryset(_filter(selectors.promotions_visible_to(request.user), query))
        return self.get_paginated_response(PromotionDetail(page, many=True).data)

    @extend_schema(
        operation_id="promotions_create",
        tags=TAGS,
        summary="Make a promotion",
        request=PromotionRequest,
        responses={201: PromotionDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.PROMOTION_REQUEST, examples.PROMOTION_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """With a `code` it is a coupon; without, it applies to every cart that it fits."""
        body = PromotionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        promotion = services.create_promotion(data=body.to_input(), actor=request.user)
        return Response(PromotionDetail(promotion).data, status=status.HTTP_201_CREATED)


def _filter(promotions: QuerySet[Promotion], query: PromotionQuery) -> QuerySet[Promotion]:
    asked = query.validated_data
    columns = {"merchant": "merchant_id", "kind": "kind"}
    promotions = promotions.filter(**{columns[name]: asked[name] for name in columns if name in asked})
    if asked["is_active"] is not None:
        promotions = promotions.filter(is_active=asked["is_active"])
    if asked["is_coupon"] is not None:
        promotions = promotions.filter(code__isnull=not asked["is_coupon"])
    if search := asked.get("search"):
        promotions = promotions.filter(Q(code__icontains=search) | Q(name__icontains=search))
    return promotions


class PromotionView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="promotions_retrieve",
        tags=TAGS,
        summary="One promotion",
        responses={200: PromotionDetail, **errors(401, 403, 404, 429)},
        examples=[examples.PROMOTION_ANSWER],
    )
    def get(self, request: Request, promotion_id: int) -> Response:
        """404 for another merchant's."""
        return Response(PromotionDetail(selectors.get_promotion(promotion_id, request.user)).data)

    @extend_schema(
        operation_id="promotions_update",
        tags=TAGS,
        summary="Change a promotion",
        request=PromotionRequest,
        responses={200: PromotionDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.PROMOTION_REQUEST, examples.PROMOTION_ANSWER],
    )
    def put(self, request: Request, promotion_id: int) -> Response:
        """`name` and `kind` are needed; what else is left out stays."""
        return self._update(request, promotion_id, partial=False)

    @extend_schema(
        operation_id="promotions_partial_update",
        tags=TAGS,
        summary="Change a promotion",
        request=PromotionRequest,
        responses={200: PromotionDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.PROMOTION_REQUEST, examples.PROMOTION_ANSWER],
    )
    def patch(self, request: Request, promotion_id: int) -> Response:
        """What is left out stays. Orders that used it keep what they were given."""
        return self._update(request, promotion_id, partial=True)

    def _update(self, request: Request, promotion_id: int, *, partial: bool) -> Response:
        known = PromotionInput.of(selectors.get_promotion(promotion_id, request.user))
        body = PromotionRequest(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        promotion = services.update_promotion(
            promotion_id=promotion_id, data=body.to_input(known), actor=request.user
        )
        return Response(PromotionDetail(promotion).data)

    @extend_schema(
        operation_id="promotions_destroy",
        tags=TAGS,
        summary="Remove a promotion",
        request=None,
        responses={204: None, **errors(401, 403, 404, 409, 429)},
    )
    def delete(self, request: Request, promotion_id: int) -> Response:
        """409 once an order has used it: set `is_active` to false instead."""
        services.delete_promotion(promotion_id=promotion_id, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
