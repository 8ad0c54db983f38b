"""What somebody of a shop was told, and what a shop tells its people."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.doors.merchant.acting import MERCHANT_PARAMETERS, acting_merchant
from karvon.api.notices import (
    MESSAGE_ANSWER,
    NOTIFICATION_ANSWER,
    NOTIFICATION_REQUEST,
    MessageDetail,
    NotificationDetail,
    NotificationRequest,
    show_messages,
    show_notification,
)
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.kernel.idempotency import idempotent
from karvon.notifications import selectors, services
from karvon.notifications.models import TargetType

TAGS = ["merchant"]


class MerchantNotificationRequest(NotificationRequest):
    """Without a target it is for everybody who works at the shop."""

    target_type = serializers.ChoiceField(choices=TargetType.choices, default=TargetType.MERCHANT)


class MerchantNotificationsView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_notifications",
        tags=TAGS,
        summary="Your inbox",
        responses={200: MessageDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[MESSAGE_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """What you were told, newest first."""
        return self.answer_page(selectors.inbox_of(get_caller(request)), show_messages)

    @extend_schema(
        operation_id="merchant_notifications_create",
        tags=TAGS,
        summary="Notify the people of your shop",
        parameters=MERCHANT_PARAMETERS,
        request=MerchantNotificationRequest,
        responses={202: NotificationDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[NOTIFICATION_REQUEST, NOTIFICATION_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """All who work there (`merchant`), or one of them (`user`); anybody else is 403 or, by number, 404."""
        body = MerchantNotificationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked: dict[str, Any] = body.validated_data
        merchant = acting_merchant(request)
        if asked["target_type"] == TargetType.MERCHANT and asked.get("target_id") is None:
            asked["target_id"] = merchant.pk
        notification = services.announce(actor=get_caller(request), merchant=merchant, **asked)
        return Response(show_notification(notification), status=status.HTTP_202_ACCEPTED)
