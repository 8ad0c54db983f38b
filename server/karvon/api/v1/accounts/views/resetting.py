"""A lost password. As with logins, no `Authorization` header is looked at: whoever is here has lost that too."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts import services
from karvon.accounts.permissions import AllowAny
from karvon.api.schema import errors
from karvon.api.v1.accounts import examples
from karvon.api.v1.accounts.serializers import PasswordResetConfirmRequest, PasswordResetRequest


class _ResetView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_scope = "password_reset"


class PasswordResetView(_ResetView):
    @extend_schema(
        operation_id="auth_users_reset_password",
        tags=["auth"],
        summary="Ask for a link to set a new password",
        request=PasswordResetRequest,
        responses={202: OpenApiTypes.OBJECT, **errors(400, 429, 503)},
        examples=[examples.RESET_REQUEST, examples.RESET_ANSWER],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """The same answer after the same work, whether anybody has this address or not. At most one mail a minute."""
        body = PasswordResetRequest(data=request.data)
        body.is_valid(raise_exception=True)
        services.request_password_reset(email=body.validated_data["email"])
        return Response({}, status=status.HTTP_202_ACCEPTED)


class PasswordResetConfirmView(_ResetView):
    @extend_schema(
        operation_id="auth_users_reset_password_confirm",
        tags=["auth"],
        summary="Set a new password by a mailed link",
        request=PasswordResetConfirmRequest,
        responses={204: None, **errors(400, 429, 503)},
        examples=[examples.RESET_CONFIRM],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """`uid` and `token` are in the link, which works once and for an hour (400 `reset_link_invalid`). Ends every
        login; failed ones are forgiven; the email counts as verified."""
        body = PasswordResetConfirmRequest(data=request.data)
        body.is_valid(raise_exception=True)
        services.reset_password(**body.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
