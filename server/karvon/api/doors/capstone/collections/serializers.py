"""Collections as this door takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class StoreCollectionRequest(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=255)


class StoreCollection(serializers.Serializer[Any]):
    """A category; `products_count` is of products on show in it and below."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    products_count = serializers.IntegerField()
