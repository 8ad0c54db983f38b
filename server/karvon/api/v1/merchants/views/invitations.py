"""Places offered by mail: the merchant's side, and the reader's."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import AllowAny, IsAuthenticated
from karvon.accounts.services import issue_tokens
from karvon.accounts.services.people import Registration
from karvon.api.logins import read_device
from karvon.api.schema import errors
from karvon.api.v1.merchants import examples
from karvon.api.v1.merchants.serializers import (
    InvitationCreateRequest,
    InvitationDetail,
    InvitationListQuery,
    InvitationOffer,
    InvitationRegistered,
    InvitationRegisterRequest,
    InvitationTokenRequest,
    MembershipDetail,
)
from karvon.merchants import selectors, services
from karvon.merchants.models import StaffInvitation


class InvitationListView(GenericAPIView[StaffInvitation]):
    permission_classes = [IsAuthenticated]
    serializer_class = InvitationDetail

    @extend_schema(
        operation_id="merchants_invitations_list",
        tags=["merchants"],
        summary="Invitations of a merchant",
        parameters=[InvitationListQuery],
        responses={200: InvitationDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.INVITATION_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """The owner, managers and operators; the newest first."""
        query = InvitationListQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        offers = selectors.list_invitations(
            get_caller(request), selectors.get_merchant_id(key), **query.validated_data
        )
        return self.get_paginated_response(InvitationDetail(self.paginate_queryset(offers), many=True).data)

    @extend_schema(
        operation_id="merchants_invitations_create",
        tags=["merchants"],
        summary="Invite somebody by mail",
        request=InvitationCreateRequest,
        responses={201: InvitationDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.INVITATION_REQUEST, examples.INVITATION_ANSWER],
    )
    def post(self, request: Request, key: str) -> Response:
        """The owner and managers; only the owner names managers. The mail holds a link that works once."""
        body = InvitationCreateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        offer = services.invite_staff(
            actor=get_caller(request), merchant_id=selectors.get_merchant_id(key), **body.validated_data
        )
        return Response(InvitationDetail(offer).data, status=status.HTTP_201_CREATED)


class InvitationView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="merchants_invitations_destroy",
        tags=["merchants"],
        summary="Withdraw an invitation",
        request=None,
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, key: str, invitation_id: int) -> Response:
        """Its link is dead at once. 404 for one that was accepted."""
        services.revoke_invitation(
            actor=get_caller(request),
            merchant_id=selectors.get_merchant_id(key),
            invitation_id=invitation_id,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationResendView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="merchants_invitations_resend",
        tags=["merchants"],
        summary="Send an invitation again",
        request=None,
        responses={200: InvitationDetail, **errors(401, 403, 404, 429)},
        examples=[examples.INVITATION_ANSWER],
    )
    def post(self, request: Request, key: str, invitation_id: int) -> Response:
        """With a new link and its full time; the one before stops working. Once a minute at most."""
        offer = services.resend_invitation(
            actor=get_caller(request),
            merchant_id=selectors.get_merchant_id(key),
            invitation_id=invitation_id,
        )
        return Response(InvitationDetail(offer).data)


class OfferView(APIView):
    permission_classes = [AllowAny]
    throttle_scope = "login"

    @extend_schema(
        operation_id="invitations_show",
        tags=["merchants"],
        summary="What an invitation offers",
        request=InvitationTokenRequest,
        responses={200: InvitationOffer, **errors(400, 401, 403, 404, 429)},
        examples=[examples.INVITATION_TOKEN, examples.OFFER_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """A POST, so that the secret stands in no address. 404 for a link that is used, withdrawn, replaced or too old."""
        body = InvitationTokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(InvitationOffer(selectors.get_offer(body.validated_data["token"])).data)


class OfferAcceptView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="invitations_accept",
        tags=["merchants"],
        summary="Accept an invitation",
        request=InvitationTokenRequest,
        responses={200: MembershipDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.INVITATION_TOKEN, examples.MEMBERSHIP_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """With the caller's account, once."""
        body = InvitationTokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        staff = services.accept_invitation(person=get_caller(request), secret=body.validated_data["token"])
        return Response(MembershipDetail({"merchant": staff.merchant, "role": staff.role}).data)


class OfferRegisterView(APIView):
    permission_classes = [AllowAny]
    throttle_scope = "registration"

    @extend_schema(
        operation_id="invitations_register",
        tags=["merchants"],
        summary="Open an account with an invitation",
        request=InvitationRegisterRequest,
        responses={201: InvitationRegistered, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.INVITATION_REGISTRATION, examples.INVITATION_REGISTERED],
    )
    def post(self, request: Request) -> Response:
        """With the invitation's address. 400 when it has an account already: log in and accept."""
        body = InvitationRegisterRequest(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        staff = services.register_with_invitation(
            secret=given.pop("token"), registration=Registration(**given)
        )
        device = read_device(request)
        pair = issue_tokens(user=staff.user, ip=device.ip, user_agent=device.user_agent)
        membership = {"merchant": staff.merchant, "role": staff.role}
        answer = {"access": pair.access, "refresh": pair.refresh, "membership": membership}
        return Response(
            InvitationRegistered(answer).data,
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )
