"""Logging in and out."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts import services
from karvon.api.logins import PublicTokenView, log_in, pair_answer
from karvon.api.schema import errors
from karvon.api.v1.accounts import examples
from karvon.api.v1.accounts.serializers import (
    LogoutRequest,
    TokenCreateRequest,
    TokenPairDetail,
    TokenRefreshRequest,
    TokenVerifyRequest,
)


class TokenCreateView(PublicTokenView):
    @extend_schema(
        operation_id="auth_jwt_create",
        tags=["auth"],
        summary="Log in",
        request=TokenCreateRequest,
        responses={200: TokenPairDetail, **errors(400, 401, 429, 503)},
        examples=[examples.LOGIN_REQUEST, examples.PAIR_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Repeated failures lock the name, known or not, and the address for a while (429, `Retry-After`).
        A guest's cart named by `X-Cart-ID` is taken over."""
        body = TokenCreateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return pair_answer(log_in(request, **body.validated_data))


class TokenRefreshView(PublicTokenView):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="auth_jwt_refresh",
        tags=["auth"],
        summary="Change a refresh token for a new pair",
        request=TokenRefreshRequest,
        responses={200: TokenPairDetail, **errors(400, 401, 429)},
        examples=[examples.REFRESH_REQUEST, examples.PAIR_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Each refresh token works once. Showing a used one again ends that login on all its tokens."""
        body = TokenRefreshRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return pair_answer(services.rotate_refresh(refresh=body.validated_data["refresh"]))


class TokenVerifyView(PublicTokenView):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="auth_jwt_verify",
        tags=["auth"],
        summary="Ask whether a token would be accepted",
        request=TokenVerifyRequest,
        responses={200: OpenApiTypes.OBJECT, **errors(400, 401, 429)},
        examples=[examples.VERIFY_REQUEST, examples.VERIFY_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Takes access and refresh tokens."""
        body = TokenVerifyRequest(data=request.data)
        body.is_valid(raise_exception=True)
        services.verify_token(token=body.validated_data["token"])
        return Response({})


class LogoutView(PublicTokenView):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="auth_jwt_logout",
        tags=["auth"],
        summary="Log out",
        request=LogoutRequest,
        responses={204: None, **errors(400, 401, 429)},
        examples=[examples.LOGOUT_REQUEST],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Ends this login, its access tokens too; with `everywhere` all logins of the person."""
        body = LogoutRequest(data=request.data)
        body.is_valid(raise_exception=True)
        services.log_out(**body.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
