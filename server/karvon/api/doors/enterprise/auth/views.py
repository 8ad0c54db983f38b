"""Tokens for a name and a password."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts import services
from karvon.api.doors.enterprise.auth import serializers as s
from karvon.api.logins import PublicTokenView, log_in, pair_answer
from karvon.api.schema import errors

TAGS = ["marketplace"]
_PAIR = {"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…"}
PAIR_ANSWER = OpenApiExample("tokens", value=_PAIR, response_only=True)
LOGIN_REQUEST = OpenApiExample(
    "login", value={"username": "aziza@example.com", "password": "right-horse-battery"}, request_only=True
)
REFRESH_REQUEST = OpenApiExample("refresh", value={"refresh": _PAIR["refresh"]}, request_only=True)


class TokenView(PublicTokenView):
    @extend_schema(
        operation_id="sku_token_create",
        tags=TAGS,
        summary="Log in",
        request=s.SkuTokenRequest,
        responses={200: s.SkuTokenPair, **errors(400, 401, 429, 503)},
        examples=[LOGIN_REQUEST, PAIR_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Repeated failures lock the name and the address for a while (429). A guest's cart is taken over."""
        body = s.SkuTokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        return pair_answer(log_in(request, name=asked["username"], password=asked["password"]))


class TokenRefreshView(PublicTokenView):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="sku_token_refresh",
        tags=TAGS,
        summary="Change a refresh token for a new pair",
        request=s.SkuTokenRefreshRequest,
        responses={200: s.SkuTokenPair, **errors(400, 401, 429)},
        examples=[REFRESH_REQUEST, PAIR_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Each refresh token works once; showing a used one again ends that login."""
        body = s.SkuTokenRefreshRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return pair_answer(services.rotate_refresh(refresh=body.validated_data["refresh"]))
