"""Pictures as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from karvon.catalog.models import ProductImage
from karvon.media.models import Asset, AssetState
from karvon.media.selectors import image_json


class ImageSource(serializers.Serializer[Any]):
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class ImageSourceSet(serializers.Serializer[Any]):
    webp = ImageSource(many=True)
    avif = ImageSource(many=True)


class ImageDetail(serializers.Serializer[Any]):
    """A picture of the library; `state` is `pending` until all of `srcset` can be loaded."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()
    colour = serializers.CharField(help_text="#rrggbb to paint while the picture loads")
    srcset = ImageSourceSet()
    state = serializers.ChoiceField(choices=AssetState.choices)
    created_at = serializers.DateTimeField()


class ImageUploadRequest(serializers.Serializer[Any]):
    image = serializers.FileField(help_text="JPEG, PNG, WebP, GIF or AVIF", allow_empty_file=True)
    alt = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")
    merchant = serializers.IntegerField(
        min_value=1, required=False, help_text="whose library, for people of several merchants"
    )


class ImageChangeRequest(serializers.Serializer[Any]):
    alt = serializers.CharField(max_length=255, allow_blank=True)


class UploadTicketRequest(serializers.Serializer[Any]):
    merchant = serializers.IntegerField(min_value=1, required=False)


class UploadTicketDetail(serializers.Serializer[Any]):
    """POST `form` and then the file, as `file`, to `url` as multipart/form-data; then complete `upload`."""

    upload = serializers.CharField()
    url = serializers.CharField()
    form = serializers.DictField(
        child=serializers.CharField(), help_text="form fields to send before the file"
    )
    max_bytes = serializers.IntegerField()
    expires_at = serializers.DateTimeField()


class SignedUploadRequest(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class UploadCompleteRequest(serializers.Serializer[Any]):
    upload = serializers.CharField(max_length=1000)
    alt = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")


class ProductImageDetail(serializers.Serializer[Any]):
    """A picture at its place in a product's gallery; `image` is the picture itself."""

    id = serializers.IntegerField()
    product = serializers.IntegerField()
    variant = serializers.IntegerField(allow_null=True)
    position = serializers.IntegerField()
    alt = serializers.CharField()
    image = ImageDetail()


class ProductImageUploadRequest(serializers.Serializer[Any]):
    """Either a file as `image` (multipart) or the id of a picture of the library as `asset`."""

    image = serializers.FileField(required=False, allow_empty_file=True)
    asset = serializers.IntegerField(required=False, min_value=1)
    alt = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")
    variant = serializers.IntegerField(required=False, allow_null=True, min_value=1, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("image" in attrs) == ("asset" in attrs):
            message = _("Give either a file as image or the id of a picture as asset.")
            raise serializers.ValidationError({"image": message})
        return attrs


class ProductImageChangeRequest(serializers.Serializer[Any]):
    alt = serializers.CharField(max_length=255, required=False, allow_blank=True)
    variant = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class ProductImageOrderRequest(serializers.Serializer[Any]):
    order = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        max_length=200,
        help_text="ids of all pictures of the product",
    )


def image_detail(asset: Asset) -> dict[str, Any]:
    """The document that ImageDetail describes."""
    return {**image_json(asset), "state": asset.state, "created_at": asset.created_at}


def product_image_detail(image: ProductImage) -> dict[str, Any]:
    """The document that ProductImageDetail describes."""
    return {
        "id": image.pk,
        "product": image.product_id,
        "variant": image.variant_id,
        "position": image.position,
        "alt": image.alt or image.asset.alt,
        "image": image_detail(image.asset),
    }
