"""Uploads past the API: straight to S3, or to a signed address of ours."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny, IsAuthenticated
from karvon.api.schema import errors
from karvon.api.uploads import ImageUploadParser
from karvon.api.v1.media import examples
from karvon.api.v1.media.owners import owner_ref_to_write
from karvon.api.v1.media.serializers import (
    ImageDetail,
    SignedUploadRequest,
    UploadCompleteRequest,
    UploadTicketDetail,
    UploadTicketRequest,
    image_detail,
)
from karvon.media import services

TAGS = ["images"]


class UploadTicketView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="images_upload_url",
        tags=TAGS,
        summary="Begin a signed upload",
        request=UploadTicketRequest,
        responses={201: UploadTicketDetail, **errors(400, 401, 403, 404, 415, 429, 503)},
        examples=[examples.TICKET_REQUEST, examples.TICKET_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """An address that takes one file without a token, for a quarter of an hour."""
        body = UploadTicketRequest(data=request.data)
        body.is_valid(raise_exception=True)
        owner_ref = owner_ref_to_write(request.user, body.validated_data.get("merchant"))
        ticket = services.begin_upload(actor=request.user, owner_ref=owner_ref)
        answer: dict[str, Any] = {
            "upload": ticket.upload,
            "url": ticket.url or request.build_absolute_uri(reverse("signed-upload", args=[ticket.upload])),
            "form": ticket.fields,
            "max_bytes": ticket.max_bytes,
            "expires_at": ticket.expires_at,
        }
        return Response(UploadTicketDetail(answer).data, status=status.HTTP_201_CREATED)


class SignedUploadView(APIView):
    """The signature in the address is the permission."""

    authentication_classes = ()
    permission_classes = [AllowAny]
    parser_classes = [ImageUploadParser]

    @extend_schema(
        operation_id="images_signed_upload",
        tags=TAGS,
        summary="Upload to a signed address",
        request={"multipart/form-data": SignedUploadRequest},
        responses={204: None, **errors(400, 404, 413, 415, 429, 503)},
        examples=[examples.SIGNED_UPLOAD],
        auth=[],
    )
    def post(self, request: Request, upload: str) -> Response:
        """What S3 would take itself; then complete the upload."""
        body = SignedUploadRequest(data=request.data)
        body.is_valid(raise_exception=True)
        services.receive_upload(upload=upload, data=body.validated_data["file"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class UploadCompleteView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="images_complete",
        tags=TAGS,
        summary="Complete a signed upload",
        request=UploadCompleteRequest,
        responses={201: ImageDetail, **errors(400, 401, 404, 409, 413, 415, 429, 503)},
        examples=[examples.COMPLETE_REQUEST, examples.IMAGE_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Makes a picture of what was uploaded; asking again gives the same picture."""
        body = UploadCompleteRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        asset = services.complete_upload(upload=asked["upload"], actor=request.user, alt=asked["alt"])
        return Response(image_detail(asset), status=status.HTTP_201_CREATED)
