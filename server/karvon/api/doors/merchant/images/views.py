"""Pictures for a shop's products and logo."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.doors.merchant.acting import MERCHANT_PARAMETERS, acting_merchant
from karvon.api.doors.merchant.bodies import read_body
from karvon.api.doors.merchant.shapes import absolute_url
from karvon.api.schema import errors
from karvon.api.uploads import ImageUploadParser
from karvon.media.models import AssetState
from karvon.media.selectors import merchant_ref
from karvon.media.services import store_image
from karvon.merchants import policies

_UPLOAD = OpenApiExample(
    "a picture", value={"image": "<the file>"}, media_type="multipart/form-data", request_only=True
)
_ANSWER = OpenApiExample(
    "stored",
    value={"id": 51, "url": "https://shop.example/media/images/3f/9a/3f9a5c0e.jpg", "status": "pending"},
    response_only=True,
    status_codes=["201"],
)


class MerchantDoorImageRequest(serializers.Serializer[Any]):
    image = serializers.FileField(help_text="JPEG, PNG, WebP, GIF or AVIF", allow_empty_file=True)


class MerchantDoorImage(serializers.Serializer[Any]):
    """`status` is `pending` until the smaller sizes are made; the picture itself can be loaded at once."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    status = serializers.ChoiceField(choices=AssetState.choices)


class MerchantImageUploadView(APIView):
    permission_classes = [IsMerchantOrOperator]
    parser_classes = [ImageUploadParser]

    @extend_schema(
        operation_id="merchant_upload_image",
        tags=["merchant"],
        summary="Upload a picture",
        parameters=MERCHANT_PARAMETERS,
        request={"multipart/form-data": MerchantDoorImageRequest},
        responses={201: MerchantDoorImage, **errors(400, 401, 403, 404, 409, 413, 415, 429, 503)},
        examples=[_UPLOAD, _ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Decoded and written anew without its metadata; the same bytes twice are one picture. The owner and managers."""
        caller = get_caller(request)
        merchant = policies.require(caller, acting_merchant(request).pk, policies.Action.MANAGE_CATALOGUE)
        file = read_body(MerchantDoorImageRequest, request)["image"]
        asset = store_image(data=file, file_name=file.name, owner_ref=merchant_ref(merchant.pk), actor=caller)
        answer = {"id": asset.pk, "url": absolute_url(request, asset.file), "status": asset.state}
        return Response(answer, status=status.HTTP_201_CREATED)
