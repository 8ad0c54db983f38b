"""Registering, logging in and the own account."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts import services
from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import AllowAny, IsAuthenticated
from karvon.accounts.services.people import Registration
from karvon.api.doors.capstone.people import serializers as s
from karvon.api.logins import PublicTokenView, log_in, pair_answer
from karvon.api.schema import errors
from karvon.kernel.languages import pick_language

TAGS = ["storefront"]
_USER = {
    "id": 12,
    "username": "aziza",
    "email": "aziza@example.com",
    "first_name": "Aziza",
    "last_name": "Karimova",
}
_NAMES = {name: value for name, value in _USER.items() if name != "id"}
_ANSWER = OpenApiExample("user", value=_USER, response_only=True)
_REGISTER = OpenApiExample("register", value=_NAMES | {"password": "right-horse-battery"}, request_only=True)
_PROFILE = OpenApiExample("profile", value=_NAMES, request_only=True)
_LOGIN = OpenApiExample(
    "login", value={"username": "aziza", "password": "right-horse-battery"}, request_only=True
)
_PAIR = OpenApiExample(
    "tokens", value={"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…"}, response_only=True
)
_REFRESH = OpenApiExample("refresh", value={"refresh": "eyJhbGciOi…"}, request_only=True)
_VERIFY = OpenApiExample("verify", value={"token": "eyJhbGciOi…"}, request_only=True)
_ACCEPTED = OpenApiExample("accepted", value={}, response_only=True)


class UserListView(APIView):
    permission_classes = [AllowAny]
    throttle_scope = "registration"

    @extend_schema(
        operation_id="store_users_create",
        tags=TAGS,
        summary="Register",
        request=s.StoreUserRequest,
        responses={201: s.StoreUser, **errors(400, 401, 429, 503)},
        examples=[_REGISTER, _ANSWER],
    )
    def post(self, request: Request) -> Response:
        """The customer's profile comes with the account."""
        body = s.StoreUserRequest(data=request.data)
        body.is_valid(raise_exception=True)
        registration = Registration(language=pick_language(request), **body.validated_data)
        user = services.register_user(registration=registration)
        return Response(s.StoreUser(user).data, status=status.HTTP_201_CREATED)


class MeView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="store_users_me_retrieve",
        tags=TAGS,
        summary="The own account",
        responses={200: s.StoreUser, **errors(401)},
        examples=[_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Who the token belongs to."""
        return Response(s.StoreUser(get_caller(request)).data)

    @extend_schema(
        operation_id="store_users_me_update",
        tags=TAGS,
        summary="Change the own account",
        request=s.StoreProfileRequest,
        responses={200: s.StoreUser, **errors(400, 401)},
        examples=[_PROFILE, _ANSWER],
    )
    def put(self, request: Request) -> Response:
        """The same as PATCH: what is left out stays."""
        return self._update(request)

    @extend_schema(
        operation_id="store_users_me_partial_update",
        tags=TAGS,
        summary="Change the own account",
        request=s.StoreProfileRequest,
        responses={200: s.StoreUser, **errors(400, 401)},
        examples=[_PROFILE, _ANSWER],
    )
    def patch(self, request: Request) -> Response:
        """What is left out stays."""
        return self._update(request)

    def _update(self, request: Request) -> Response:
        body = s.StoreProfileRequest(data=request.data)
        body.is_valid(raise_exception=True)
        user = services.update_profile(user=get_caller(request), changes=body.validated_data)
        return Response(s.StoreUser(user).data)


class TokenCreateView(PublicTokenView):
    @extend_schema(
        operation_id="store_jwt_create",
        tags=TAGS,
        summary="Log in",
        request=s.StoreTokenRequest,
        responses={200: s.StoreTokenPair, **errors(400, 401, 429, 503)},
        examples=[_LOGIN, _PAIR],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """The access token lives as long as `KARVON_STOREFRONT_TOKEN_MINUTES` says, and works at every door."""
        body = s.StoreTokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        return pair_answer(
            log_in(
                request,
                name=asked["username"],
                password=asked["password"],
                access_lifetime=settings.STOREFRONT_TOKEN_LIFETIME,
            )
        )


class TokenRefreshView(PublicTokenView):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="store_jwt_refresh",
        tags=TAGS,
        summary="Change a refresh token for a new pair",
        request=s.StoreRefreshRequest,
        responses={200: s.StoreTokenPair, **errors(400, 401, 429)},
        examples=[_REFRESH, _PAIR],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Each refresh token works once; showing a used one again ends that login."""
        body = s.StoreRefreshRequest(data=request.data)
        body.is_valid(raise_exception=True)
        lifetime = settings.STOREFRONT_TOKEN_LIFETIME
        return pair_answer(services.rotate_refresh(**body.validated_data, access_lifetime=lifetime))


class TokenVerifyView(PublicTokenView):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="store_jwt_verify",
        tags=TAGS,
        summary="Ask whether a token would be accepted",
        request=s.StoreVerifyRequest,
        responses={200: OpenApiTypes.OBJECT, **errors(400, 401, 429)},
        examples=[_VERIFY, _ACCEPTED],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Takes access and refresh tokens."""
        body = s.StoreVerifyRequest(data=request.data)
        body.is_valid(raise_exception=True)
        services.verify_token(token=body.validated_data["token"])
        return Response({})
