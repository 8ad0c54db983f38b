"""A product's pictures."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.uploads import ImageUploadParser
from karvon.api.v1.media import examples
from karvon.api.v1.media.serializers import (
    ProductImageChangeRequest,
    ProductImageDetail,
    ProductImageOrderRequest,
    ProductImageUploadRequest,
    product_image_detail,
)
from karvon.catalog import gallery
from karvon.kernel.parsing import OrjsonParser
from karvon.media import services
from karvon.media.selectors import merchant_ref

TAGS = ["product images"]


class ProductImageListView(PagedView):
    permission_classes = [IsMerchantOrOperator]
    parser_classes = [ImageUploadParser, OrjsonParser]

    @extend_schema(
        operation_id="product_images_list",
        tags=TAGS,
        summary="A product's pictures",
        responses={200: ProductImageDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.PRODUCT_IMAGE_ANSWER],
    )
    def get(self, request: Request, product_id: int) -> Response:
        """All of them in their order; shoppers see them on the product itself."""
        images = gallery.list_gallery(product_id=product_id, actor=request.user)
        return self.answer_page(images, lambda page: [product_image_detail(image) for image in page])

    @extend_schema(
        operation_id="product_images_create",
        tags=TAGS,
        summary="Add a picture to a product",
        request={
            "multipart/form-data": ProductImageUploadRequest,
            "application/json": ProductImageUploadRequest,
        },
        responses={201: ProductImageDetail, **errors(400, 401, 403, 404, 409, 413, 415, 429, 503)},
        examples=[examples.PRODUCT_IMAGE_REQUEST, examples.PRODUCT_IMAGE_ANSWER],
    )
    def post(self, request: Request, product_id: int) -> Response:
        """A file as `image`, or a picture of the library as `asset`. It is put at the end."""
        body = ProductImageUploadRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        image = gallery.add_product_image(
            product_id=product_id,
            asset_id=asked["asset"] if "asset" in asked else self._store(product_id, asked),
            actor=request.user,
            alt=asked["alt"],
            variant_id=asked["variant"],
        )
        return Response(product_image_detail(image), status=status.HTTP_201_CREATED)

    def _store(self, product_id: int, asked: dict[str, Any]) -> int:
        """The new picture's id, once the person is known to be allowed to change the product."""
        merchant_id = gallery.get_merchant_id(product_id=product_id, actor=self.request.user)
        asset = services.store_image(
            data=asked["image"],
            file_name=asked["image"].name,
            owner_ref=merchant_ref(merchant_id),
            actor=self.request.user,
            alt=asked["alt"],
        )
        return asset.pk


class ProductImageView(APIView):
    permission_classes = [IsMerchantOrOperator]
    parser_classes = [OrjsonParser]

    @extend_schema(
        operation_id="product_images_partial_update",
        tags=TAGS,
        summary="Change a product's picture",
        request=ProductImageChangeRequest,
        responses={200: ProductImageDetail, **errors(400, 401, 403, 404, 409, 415, 429)},
        examples=[examples.PRODUCT_IMAGE_CHANGE, examples.PRODUCT_IMAGE_ANSWER],
    )
    def patch(self, request: Request, product_id: int, image_id: int) -> Response:
        """Its alternative text here, and the variant that it shows."""
        body = ProductImageChangeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        image = gallery.change_product_image(
            product_id=product_id, image_id=image_id, actor=request.user, changes=body.validated_data
        )
        return Response(product_image_detail(image))

    @extend_schema(
        operation_id="product_images_destroy",
        tags=TAGS,
        summary="Take a picture off a product",
        responses={204: None, **errors(401, 403, 404, 409, 429)},
    )
    def delete(self, request: Request, product_id: int, image_id: int) -> Response:
        """The picture stays in the library."""
        gallery.remove_product_image(product_id=product_id, image_id=image_id, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProductImageOrderView(PagedView):
    permission_classes = [IsMerchantOrOperator]
    parser_classes = [OrjsonParser]

    @extend_schema(
        operation_id="product_images_reorder",
        tags=TAGS,
        summary="Put a product's pictures in order",
        request=ProductImageOrderRequest,
        responses={200: ProductImageDetail(many=True), **errors(400, 401, 403, 404, 409, 415, 429)},
        examples=[examples.ORDER_REQUEST, examples.PRODUCT_IMAGE_ANSWER],
    )
    def post(self, request: Request, product_id: int) -> Response:
        """The first one is shown in lists."""
        body = ProductImageOrderRequest(data=request.data)
        body.is_valid(raise_exception=True)
        gallery.reorder_product_images(
            product_id=product_id, order=body.validated_data["order"], actor=request.user
        )
        images = gallery.list_gallery(product_id=product_id, actor=request.user)
        return self.answer_page(images, lambda page: [product_image_detail(image) for image in page])
