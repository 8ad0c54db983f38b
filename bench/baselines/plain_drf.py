"""Baseline (a): the way most shops are written. ModelSerializers over the same tables, with select and prefetch.

It answers the same fields as the shop window's list and detail, without search, filters, throttles or languages, so that
nothing but serialisation and the ORM is compared. Served by `granian --interface wsgi baselines.plain_drf:application`.
"""

from __future__ import annotations

import django
from django.conf import settings

from karvon.settings import production

# Karvon's own settings with everything taken out that a plain DRF project would not have
_KEPT = {name: getattr(production, name) for name in dir(production) if name.isupper()}
settings.configure(
    **_KEPT
    | {
        "ROOT_URLCONF": "baselines.plain_drf",
        "MIDDLEWARE": ["django.middleware.common.CommonMiddleware"],
        "REST_FRAMEWORK": {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    }
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, pagination, serializers  # noqa: E402

from karvon.catalog.models import Product, ProductImage, Tag, Variant  # noqa: E402
from karvon.inventory.models import StockLevel  # noqa: E402
from karvon.merchants.models import Merchant  # noqa: E402


class MerchantOut(serializers.ModelSerializer):
    class Meta:
        model = Merchant
        fields = ["id", "username", "name"]


class TagOut(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["slug", "name"]


class StockOut(serializers.ModelSerializer):
    class Meta:
        model = StockLevel
        fields = ["branch_id", "on_hand", "reserved"]


class VariantOut(serializers.ModelSerializer):
    stock_levels = StockOut(many=True)

    class Meta:
        model = Variant
        fields = ["id", "sku", "title", "price", "compare_at_price", "stock_levels"]


class ImageOut(serializers.ModelSerializer):
    url = serializers.CharField(source="asset.file")

    class Meta:
        model = ProductImage
        fields = ["id", "url", "alt"]


class ProductOut(serializers.ModelSerializer):
    merchant = MerchantOut()
    tags = TagOut(many=True)
    variants = VariantOut(many=True)
    images = ImageOut(many=True)
    category_name = serializers.CharField(source="category.name", default=None)

    class Meta:
        model = Product
        fields = [
            "id",
            "title",
            "slug",
            "description",
            "currency",
            "category",
            "category_name",
            "images",
            "variants",
            "merchant",
            "tags",
            "reviews_count",
            "created_at",
            "updated_at",
        ]


class Pages(pagination.PageNumberPagination):
    page_size = 20


def products() -> QuerySet[Product]:
    rows = Product.objects.filter(state="published", deleted_at=None)
    return rows.select_related("merchant", "category").prefetch_related(
        "tags", "images__asset", "variants__stock_levels"
    )


class ProductList(generics.ListAPIView):
    queryset = products().order_by("-created_at", "-id")
    serializer_class = ProductOut
    pagination_class = Pages
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class ProductDetail(generics.RetrieveAPIView):
    queryset = products()
    serializer_class = ProductOut
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


urlpatterns = [
    path("products/", ProductList.as_view()),
    path("products/<int:pk>/", ProductDetail.as_view()),
]
application = get_wsgi_application()
