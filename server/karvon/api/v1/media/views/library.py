"""A person's, a merchant's or the platform's own pictures."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import IsAuthenticated
from karvon.api.schema import errors
from karvon.api.uploads import ImageUploadParser
from karvon.api.v1.media import examples
from karvon.api.v1.media.owners import owner_ref_to_write, owner_refs_to_change, visible_owner_refs
from karvon.api.v1.media.serializers import (
    ImageChangeRequest,
    ImageDetail,
    ImageUploadRequest,
    image_detail,
)
from karvon.kernel.parsing import OrjsonParser
from karvon.media import selectors, services
from karvon.media.models import Asset

TAGS = ["images"]


class ImageListView(GenericAPIView[Asset]):
    permission_classes = [IsAuthenticated]
    parser_classes = [ImageUploadParser]
    serializer_class = ImageDetail

    @extend_schema(
        operation_id="images_list",
        tags=TAGS,
        summary="Pictures of your library",
        responses={200: ImageDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.IMAGE_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Your own and your merchants', newest first; operators see all."""
        page = self.paginate_queryset(selectors.list_assets(owner_refs=visible_owner_refs(request.user)))
        return self.get_paginated_response([image_detail(asset) for asset in page or []])

    @extend_schema(
        operation_id="images_create",
        tags=TAGS,
        summary="Upload a picture",
        request={"multipart/form-data": ImageUploadRequest},
        responses={201: ImageDetail, **errors(400, 401, 403, 404, 409, 413, 415, 429, 503)},
        examples=[examples.IMAGE_UPLOAD, examples.IMAGE_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """The picture is decoded and written anew without its metadata; the same bytes twice are one
        picture.
        """
        body = ImageUploadRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        asset = services.store_image(
            data=asked["image"],
            file_name=asked["image"].name,
            owner_ref=owner_ref_to_write(request.user, asked.get("merchant")),
            actor=request.user,
            alt=asked["alt"],
        )
        return Response(image_detail(asset), status=status.HTTP_201_CREATED)


class ImageView(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [OrjsonParser]

    @extend_schema(
        operation_id="images_retrieve",
        tags=TAGS,
        summary="One picture",
        responses={200: ImageDetail, **errors(401, 404, 429)},
        examples=[examples.IMAGE_ANSWER],
    )
    def get(self, request: Request, image_id: int) -> Response:
        """Ask again while `state` is `pending`."""
        asset = selectors.get_asset(asset_id=image_id, owner_refs=visible_owner_refs(request.user))
        return Response(image_detail(asset))

    @extend_schema(
        operation_id="images_partial_update",
        tags=TAGS,
        summary="Change the alternative text",
        request=ImageChangeRequest,
        responses={200: ImageDetail, **errors(400, 401, 403, 404, 409, 415, 429)},
        examples=[examples.IMAGE_CHANGE, examples.IMAGE_ANSWER],
    )
    def patch(self, request: Request, image_id: int) -> Response:
        """What readers of the page hear instead of the picture."""
        body = ImageChangeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asset = services.set_alt(
            asset_id=image_id,
            owner_refs=owner_refs_to_change(request.user, image_id),
            alt=body.validated_data["alt"],
        )
        return Response(image_detail(asset))

    @extend_schema(
        operation_id="images_destroy",
        tags=TAGS,
        summary="Delete a picture",
        responses={204: None, **errors(401, 403, 404, 409, 429, 503)},
    )
    def delete(self, request: Request, image_id: int) -> Response:
        """409 `image_in_use` while a product or page shows it."""
        services.delete_asset(asset_id=image_id, owner_refs=owner_refs_to_change(request.user, image_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
