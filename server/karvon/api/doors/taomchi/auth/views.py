"""Logging in by phone or Telegram, and the own profile. This server sends no SMS and is known to no Telegram bot."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts import services
from karvon.accounts.authentication import get_caller
from karvon.accounts.errors import CodeInvalid, SmsUnavailable, TelegramUnavailable
from karvon.accounts.names import normalise_phone, split_full_name
from karvon.accounts.permissions import IsAuthenticated
from karvon.api.doors.taomchi.auth import serializers as s
from karvon.api.logins import PublicTokenView
from karvon.api.schema import errors

TAGS = ["food ordering"]
_PERSON = {"id": 42, "phone": "+998901234567", "full_name": "Aziza Karimova"}
CODE_REQUEST = OpenApiExample("phone", value={"phone": "+998901234567"}, request_only=True)
CODE_ANSWER = OpenApiExample(
    "sent", value={"message": "SMS sent successfully", "code_length": 4}, response_only=True
)
VERIFY_REQUEST = OpenApiExample("code", value={"phone": "+998901234567", "code": "1234"}, request_only=True)
TELEGRAM_REQUEST = OpenApiExample(
    "init data",
    value={"init_data": "user=%7B%22id%22%3A1%7D&auth_date=1767225600&hash=c501b71e"},
    request_only=True,
)
LOGIN_ANSWER = OpenApiExample(
    "login",
    value={"token": "eyJhbGciOi…", "refresh": "eyJhbGciOi…", "user": _PERSON},
    response_only=True,
)
PROFILE_REQUEST = OpenApiExample(
    "profile", value={"full_name": "Aziza Karimova", "language": "uz"}, request_only=True
)
PROFILE_ANSWER = OpenApiExample(
    "profile",
    value={
        **_PERSON,
        "email": None,
        "language": "uz",
        "created_at": "2026-01-01T14:30:00Z",
    },
    response_only=True,
)


class CodeRequestView(PublicTokenView):
    @extend_schema(
        operation_id="food_code_request",
        tags=TAGS,
        summary="Ask for a code by SMS",
        request=s.FoodCodeRequest,
        responses={200: s.FoodCodeSent, **errors(400, 503)},
        examples=[CODE_REQUEST, CODE_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """400 for what is no phone number; 503 `sms_unavailable` where the shop sends no SMS."""
        body = s.FoodCodeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        normalise_phone(body.validated_data["phone"])
        raise SmsUnavailable


class CodeVerifyView(PublicTokenView):
    @extend_schema(
        operation_id="food_code_verify",
        tags=TAGS,
        summary="Log in with a code",
        request=s.FoodCodeVerifyRequest,
        responses={200: s.FoodLogin, **errors(400)},
        examples=[VERIFY_REQUEST, LOGIN_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """400 `code_invalid` for every code that was not sent to this number."""
        body = s.FoodCodeVerifyRequest(data=request.data)
        body.is_valid(raise_exception=True)
        normalise_phone(body.validated_data["phone"])
        raise CodeInvalid


class TelegramView(PublicTokenView):
    @extend_schema(
        operation_id="food_telegram_login",
        tags=TAGS,
        summary="Log in through Telegram",
        request=s.FoodTelegramRequest,
        responses={200: s.FoodLogin, **errors(400, 503)},
        examples=[TELEGRAM_REQUEST, LOGIN_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """503 `telegram_unavailable` where the shop has no bot."""
        body = s.FoodTelegramRequest(data=request.data)
        body.is_valid(raise_exception=True)
        raise TelegramUnavailable


class MeView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="food_me_retrieve",
        tags=TAGS,
        summary="The own profile",
        responses={200: s.FoodProfile, **errors(401)},
        examples=[PROFILE_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Who the token belongs to."""
        return Response(s.FoodProfile(get_caller(request)).data)

    @extend_schema(
        operation_id="food_me_update",
        tags=TAGS,
        summary="Change the own profile",
        request=s.FoodProfileRequest,
        responses={200: s.FoodProfile, **errors(400, 401)},
        examples=[PROFILE_REQUEST, PROFILE_ANSWER],
    )
    def patch(self, request: Request) -> Response:
        """What is left out stays."""
        body = s.FoodProfileRequest(data=request.data)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        if "full_name" in changes:
            changes |= split_full_name(changes.pop("full_name"))
        return Response(
            s.FoodProfile(services.update_profile(user=get_caller(request), changes=changes)).data
        )
