"""What pages call models and fields."""

from __future__ import annotations

from django.utils import translation

from karvon.catalog.models import Product, ProductImage


def test_names_that_django_made_up_are_translated_too():
    with translation.override("ru"):
        assert str(Product._meta.get_field("merchant").verbose_name) == "магазин"
        assert str(Product._meta.get_field("updated_at").verbose_name) == "обновлено"
        assert str(ProductImage._meta.verbose_name_plural) == "изображения товара"
