"""Everybody's inbox; announcements of operators and shops."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated, IsMerchantOrOperator
from karvon.api.notices import (
    MESSAGE_ANSWER,
    NOTIFICATION_ANSWER,
    NOTIFICATION_REQUEST,
    MessageDetail,
    NotificationDetail,
    show_message,
    show_messages,
    show_notification,
)
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.notifications.serializers import (
    PREFERENCES_ANSWER,
    PREFERENCES_REQUEST,
    UNREAD_ANSWER,
    AnnouncementRequest,
    InboxQuery,
    NotificationPreferences,
    UnreadCount,
    show_preferences,
)
from karvon.kernel.idempotency import idempotent
from karvon.merchants.selectors import choose_merchant
from karvon.notifications import selectors, services

TAGS = ["notifications"]


class ReadsOrAnnounces(IsMerchantOrOperator):
    """Everybody with an account reads; people of shops and operators announce."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return bool(request.user.is_authenticated)
        return super().has_permission(request, view)


class NotificationListView(PagedView):
    permission_classes = [ReadsOrAnnounces]

    @extend_schema(
        operation_id="notifications_list",
        tags=TAGS,
        summary="Your inbox",
        parameters=[InboxQuery],
        responses={200: MessageDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[MESSAGE_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first; `unread` keeps those not read (or, when false, those read)."""
        query = InboxQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        messages = selectors.inbox_of(get_caller(request))
        if (unread := query.validated_data["unread"]) is not None:
            messages = messages.filter(read_at__isnull=unread)
        return self.answer_page(messages, show_messages)

    @extend_schema(
        operation_id="notifications_create",
        tags=TAGS,
        summary="Notify people",
        request=AnnouncementRequest,
        responses={202: NotificationDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[NOTIFICATION_REQUEST, NOTIFICATION_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Handed out in the background, in batches, over each person's channels as far as they want them. Operators reach
        anybody; a shop's owner and managers the people of their shop (`merchant`, or one of them by `user`).
        """
        body = AnnouncementRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked, caller = body.validated_data, get_caller(request)
        named = asked.pop("merchant", None)
        merchant = None
        if named is not None or not caller.is_operator:
            merchant = choose_merchant(caller, str(named or ""))
        notification = services.announce(actor=caller, merchant=merchant, **asked)
        return Response(show_notification(notification), status=status.HTTP_202_ACCEPTED)


class UnreadCountView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_unread_count",
        tags=TAGS,
        summary="How many messages are unread",
        responses={200: UnreadCount, **errors(401, 429)},
        examples=[UNREAD_ANSWER],
    )
    def get(self, request: Request) -> Response:
        return Response({"unread": selectors.count_unread(get_caller(request))})


class ReadView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_read",
        tags=TAGS,
        summary="Mark a message read",
        request=None,
        responses={200: MessageDetail, **errors(401, 404, 429)},
        examples=[MESSAGE_ANSWER],
    )
    def post(self, request: Request, message_id: int) -> Response:
        """Again changes nothing."""
        return Response(show_message(services.mark_read(user=get_caller(request), message_id=message_id)))


class ReadAllView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_read_all",
        tags=TAGS,
        summary="Mark all messages read",
        request=None,
        responses={200: UnreadCount, **errors(401, 429)},
        examples=[UNREAD_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Answers how many are unread now."""
        caller = get_caller(request)
        services.mark_all_read(user=caller)
        return Response({"unread": selectors.count_unread(caller)})


class PreferencesView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_preferences",
        tags=TAGS,
        summary="What you want to be told",
        responses={200: NotificationPreferences, **errors(401, 429)},
        examples=[PREFERENCES_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Every channel and topic; what was never said is wanted."""
        return Response(show_preferences(get_caller(request)))

    @extend_schema(
        operation_id="notifications_preferences_update",
        tags=TAGS,
        summary="Say what you want to be told",
        request=NotificationPreferences,
        responses={200: NotificationPreferences, **errors(400, 401, 429)},
        examples=[PREFERENCES_REQUEST, PREFERENCES_ANSWER],
    )
    def put(self, request: Request) -> Response:
        """By channel and topic; what is left out stays."""
        body = NotificationPreferences(data=request.data)
        body.is_valid(raise_exception=True)
        caller = get_caller(request)
        wanted = {
            (each["channel"], each["topic"]): each["is_enabled"]
            for each in body.validated_data["preferences"]
        }
        services.set_preferences(user=caller, wanted=wanted)
        return Response(show_preferences(caller))
