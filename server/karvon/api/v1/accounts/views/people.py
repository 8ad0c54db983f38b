"""Registering, the own profile, password and account, and the logins on one's devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts import selectors, services
from karvon.accounts.authentication import get_caller
from karvon.accounts.models import RefreshFamily
from karvon.accounts.permissions import AllowAny, IsAuthenticated
from karvon.accounts.services.people import Registration
from karvon.api.logins import adopt_guest_cart, pair_answer, read_device
from karvon.api.schema import errors
from karvon.api.v1.accounts import examples
from karvon.api.v1.accounts.serializers import (
    AccountCloseRequest,
    PasswordChangeRequest,
    SessionDetail,
    TokenPairDetail,
    UserDetail,
    UserProfileRequest,
    UserRegisterRequest,
)
from karvon.kernel.languages import pick_language


class UserRegisterView(APIView):
    permission_classes = [AllowAny]
    throttle_scope = "registration"

    @extend_schema(
        operation_id="auth_users_create",
        tags=["auth"],
        summary="Register",
        request=UserRegisterRequest,
        responses={201: UserDetail, **errors(400, 401, 429, 503)},
        examples=[examples.REGISTER_REQUEST, examples.USER_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Opens a customer's account. A guest's cart named by `X-Cart-ID` is taken over."""
        body = UserRegisterRequest(data=request.data)
        body.is_valid(raise_exception=True)
        fields = {"language": pick_language(request)} | body.validated_data
        user = services.register_user(registration=Registration(**fields))
        adopt_guest_cart(request, user)
        return Response(UserDetail(user).data, status=status.HTTP_201_CREATED)


class MeView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_users_me_retrieve",
        tags=["auth"],
        summary="The own profile",
        responses={200: UserDetail, **errors(401, 429)},
        examples=[examples.USER_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Who the token belongs to."""
        return Response(UserDetail(get_caller(request)).data)

    @extend_schema(
        operation_id="auth_users_me_update",
        tags=["auth"],
        summary="Change the own profile",
        request=UserProfileRequest,
        responses={200: UserDetail, **errors(400, 401, 429)},
        examples=[examples.PROFILE_REQUEST, examples.USER_ANSWER],
    )
    def put(self, request: Request) -> Response:
        """The same as PATCH: what is left out stays."""
        return self._update(request)

    @extend_schema(
        operation_id="auth_users_me_partial_update",
        tags=["auth"],
        summary="Change the own profile",
        request=UserProfileRequest,
        responses={200: UserDetail, **errors(400, 401, 429)},
        examples=[examples.PROFILE_REQUEST, examples.USER_ANSWER],
    )
    def patch(self, request: Request) -> Response:
        """What is left out stays. A changed email or phone has to be verified again."""
        return self._update(request)

    def _update(self, request: Request) -> Response:
        body = UserProfileRequest(data=request.data)
        body.is_valid(raise_exception=True)
        user = services.update_profile(user=get_caller(request), changes=body.validated_data)
        return Response(UserDetail(user).data)

    @extend_schema(
        operation_id="auth_users_me_destroy",
        tags=["auth"],
        summary="Close the own account",
        request=AccountCloseRequest,
        responses={204: None, **errors(400, 401, 409, 429)},
        examples=[examples.CLOSE_REQUEST],
    )
    def delete(self, request: Request) -> Response:
        """Removes the person's names and addresses and ends every login; orders stay. 409 while the person
        owns a shop that is not closed."""
        body = AccountCloseRequest(data=request.data)
        body.is_valid(raise_exception=True)
        services.close_account(user=get_caller(request), password=body.validated_data["current_password"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordChangeView(APIView):
    permission_classes = [IsAuthenticated]
    throttle_scope = "login"

    @extend_schema(
        operation_id="auth_users_me_password",
        tags=["auth"],
        summary="Change the own password",
        request=PasswordChangeRequest,
        responses={200: TokenPairDetail, **errors(400, 401, 429, 503)},
        examples=[examples.PASSWORD_REQUEST, examples.PAIR_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Ends every login and answers with tokens of a new one for this device."""
        body = PasswordChangeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        device = read_device(request)
        pair = services.change_password(
            user=get_caller(request), **body.validated_data, ip=device.ip, user_agent=device.user_agent
        )
        return pair_answer(pair)


class SessionListView(GenericAPIView[RefreshFamily]):
    permission_classes = [IsAuthenticated]
    serializer_class = SessionDetail

    @extend_schema(
        operation_id="auth_sessions_list",
        tags=["auth"],
        summary="Devices the person is logged in on",
        responses={200: SessionDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.SESSION_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """The most recently used first."""
        page = self.paginate_queryset(selectors.list_sessions(get_caller(request)))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class SessionView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_sessions_destroy",
        tags=["auth"],
        summary="Log out another device",
        request=None,
        responses={204: None, **errors(401, 404, 429)},
    )
    def delete(self, request: Request, session_id: UUID, **_kwargs: Any) -> Response:
        """Ends that login and its access tokens at once."""
        services.end_session(user=get_caller(request), session_id=session_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
