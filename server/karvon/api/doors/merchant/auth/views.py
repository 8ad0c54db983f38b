"""Opening a shop, logging in, and a lost password."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts import services
from karvon.accounts.services.people import Registration
from karvon.accounts.tokens import TokenPair
from karvon.api.doors.merchant.auth import examples
from karvon.api.doors.merchant.auth import serializers as s
from karvon.api.doors.merchant.bodies import read_body
from karvon.api.doors.merchant.shapes import merchant_json, user_json
from karvon.api.logins import PublicTokenView, log_in_person, open_login, pair_answer
from karvon.api.schema import errors
from karvon.kernel.languages import pick_language
from karvon.merchants.services import register_person_with_shop

TAGS = ["merchant"]
_UNCACHED = {"Cache-Control": "no-store"}


def _tokens(pair: TokenPair) -> dict[str, str]:
    return {"token": pair.access, "refresh": pair.refresh}


class MerchantRegisterView(PublicTokenView):
    throttle_scope = "registration"

    @extend_schema(
        operation_id="merchant_register",
        tags=TAGS,
        summary="Open a shop",
        request=s.MerchantDoorRegisterRequest,
        responses={201: s.MerchantDoorRegistered, **errors(400, 429, 503)},
        examples=[examples.REGISTER, examples.REGISTERED],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Makes the account and its shop at once. A name that is taken is a 400 that says which."""
        asked = read_body(s.MerchantDoorRegisterRequest, request)
        shop_name = asked.pop("name")
        merchant = register_person_with_shop(
            registration=Registration(**asked, language=pick_language(request)), shop_name=shop_name
        )
        pair = open_login(request, merchant.owner)
        return Response(
            {
                "user": user_json(merchant.owner),
                "merchant": merchant_json(merchant, request),
                **_tokens(pair),
            },
            status=status.HTTP_201_CREATED,
            headers=_UNCACHED,
        )


class MerchantLoginView(PublicTokenView):
    @extend_schema(
        operation_id="merchant_login",
        tags=TAGS,
        summary="Log in",
        request=s.MerchantDoorLoginRequest,
        responses={200: s.MerchantDoorLogin, **errors(400, 401, 429, 503)},
        examples=[examples.LOGIN, examples.LOGGED_IN],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Repeated failures lock the name and the address for a while (429, `Retry-After`)."""
        asked = read_body(s.MerchantDoorLoginRequest, request)
        user, pair = log_in_person(request, name=asked["email"], password=asked["password"])
        return Response({**_tokens(pair), "user": user_json(user)}, headers=_UNCACHED)


class MerchantPasswordResetView(PublicTokenView):
    throttle_scope = "password_reset"

    @extend_schema(
        operation_id="merchant_password_reset",
        tags=TAGS,
        summary="Ask for a link to set a new password",
        request=s.MerchantDoorResetRequest,
        responses={200: s.MerchantDoorMessage, **errors(400, 429, 503)},
        examples=[examples.RESET, examples.MESSAGE],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """The same answer after the same work, whether anybody has this address or not."""
        services.request_password_reset(email=read_body(s.MerchantDoorResetRequest, request)["email"])
        return Response(
            {"message": _("If somebody has an account with this address, a link is on its way to them.")}
        )


class MerchantPasswordResetConfirmView(PublicTokenView):
    throttle_scope = "password_reset"

    @extend_schema(
        operation_id="merchant_password_reset_confirm",
        tags=TAGS,
        summary="Set a new password by a mailed link",
        request=s.MerchantDoorResetConfirmRequest,
        responses={200: s.MerchantDoorMessage, **errors(400, 429, 503)},
        examples=[examples.CONFIRM, examples.CONFIRMED],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """The link works once and for an hour (400 `reset_link_invalid`). Ends every login of the person."""
        services.reset_password(**read_body(s.MerchantDoorResetConfirmRequest, request))
        return Response({"message": _("Your password has been changed.")})


class MerchantTokenRefreshView(PublicTokenView):
    throttle_scope = "refresh"

    @extend_schema(
        operation_id="merchant_token_refresh",
        tags=TAGS,
        summary="Change a refresh token for a new pair",
        request=s.MerchantDoorRefreshRequest,
        responses={200: s.MerchantDoorTokens, **errors(400, 401, 429)},
        examples=[examples.REFRESH, examples.PAIR],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Each refresh token works once; showing a used one again ends that login."""
        asked = read_body(s.MerchantDoorRefreshRequest, request)
        return pair_answer(services.rotate_refresh(refresh=asked["refresh"]))
