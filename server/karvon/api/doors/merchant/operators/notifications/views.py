"""What the platform tells people."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperator
from karvon.api.notices import (
    NOTIFICATION_ANSWER,
    NOTIFICATION_REQUEST,
    NotificationDetail,
    NotificationRequest,
    show_notification,
)
from karvon.api.schema import errors
from karvon.kernel.idempotency import idempotent
from karvon.notifications import services


class AdminNotificationsView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="admin_notifications_create",
        tags=["operators"],
        summary="Notify people",
        request=NotificationRequest,
        responses={202: NotificationDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[NOTIFICATION_REQUEST, NOTIFICATION_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Everybody, all people of merchants, all customers, the people of one merchant, or one person; handed out in the
        background over each person's channels.
        """
        body = NotificationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        notification = services.announce(actor=get_caller(request), **body.validated_data)
        return Response(show_notification(notification), status=status.HTTP_202_ACCEPTED)
