from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models.category import Category
from karvon.catalog.models.grouping import Tag
from karvon.kernel.fields import AmountField, CurrencyField
from karvon.merchants.models import Merchant


class ProductKind(models.TextChoices):
    FOOD = "food", _("Food")
    PHYSICAL = "physical", _("Physical")
    DIGITAL = "digital", _("Digital")


class ProductState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class Product(models.Model):
    """What a shopper looks at; what is priced, stocked and sold are its variants (at least one)."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="products")
    category = models.ForeignKey(
        Category, on_delete=models.SET_NULL, null=True, blank=True, related_name="products"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=ProductKind, default=ProductKind.PHYSICAL)
    title = models.CharField(_("title"), max_length=255)
    slug = models.SlugField(_("slug"), max_length=160, unique=True, allow_unicode=True)
    handle = models.CharField(
        _("import handle"), max_length=255, help_text=_("how the merchant's own files name this product")
    )
    description = models.TextField(_("description"), blank=True, help_text=_("HTML, sanitised on write"))
    vendor = models.CharField(_("brand"), max_length=128, blank=True)
    currency = CurrencyField(_("currency"))
    state = models.CharField(_("state"), max_length=9, choices=ProductState, default=ProductState.DRAFT)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    unpublish_at = models.DateTimeField(_("withdraw at"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")
    sold_count = models.PositiveIntegerField(default=0, editable=False, help_text=_("units, for popularity"))
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    reviews_count = models.PositiveIntegerField(default=0, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "handle"],
                condition=models.Q(deleted_at__isnull=True),
                name="product_handle_unique_per_merchant",
            ),
            models.CheckConstraint(
                name="product_schedule_in_order",
                condition=models.Q(publish_at__isnull=True)
                | models.Q(unpublish_at__isnull=True)
                | models.Q(publish_at__lt=models.F("unpublish_at")),
            ),
            models.CheckConstraint(
                name="product_rating_sum_within_range",
                condition=models.Q(
                    rating_sum__gte=models.F("reviews_count"), rating_sum__lte=models.F("reviews_count") * 5
                ),
            ),
        ]
        indexes = [
            # the minute's task that publishes and withdraws what is due
            models.Index(
                fields=["publish_at"],
                condition=models.Q(publish_at__isnull=False, deleted_at__isnull=True),
                name="product_due_to_publish",
            ),
            models.Index(
                fields=["unpublish_at"],
                condition=models.Q(unpublish_at__isnull=False, deleted_at__isnull=True),
                name="product_due_to_withdraw",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """What is priced, stocked, put into carts and sold."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    # repeated from the product so that the database itself keeps SKUs unique per merchant
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(_("SKU"), max_length=100)
    barcode = models.CharField(_("barcode"), max_length=64, blank=True)
    title = models.CharField(_("title"), max_length=255, blank=True)
    price = AmountField(_("price"))
    compare_at_price = AmountField(_("compare-at price"), null=True, blank=True)
    weight_grams = models.PositiveIntegerField(_("weight, g"), null=True, blank=True)
    tracks_stock = models.BooleanField(_("stock is counted"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["product_id", "position", "id"]
        constraints = [
            models.UniqueConstraint(Lower("sku"), "merchant", name="variant_sku_unique_per_merchant"),
            models.CheckConstraint(
                name="variant_prices_not_negative",
                condition=models.Q(price__gte=0)
                & (models.Q(compare_at_price__isnull=True) | models.Q(compare_at_price__gte=0)),
            ),
        ]
        indexes = [
            # a scanner at the till
            models.Index(fields=["barcode"], condition=~models.Q(barcode=""), name="variant_by_barcode"),
        ]

    def __str__(self) -> str:
        return self.sku


class ProductImage(models.Model):
    """A picture in a product's gallery; the first one is shown in lists."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="images"
    )
    asset = models.ForeignKey("media.Asset", on_delete=models.PROTECT, related_name="+")
    alt = models.CharField(_("alternative text"), max_length=255, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("product picture")
        verbose_name_plural = _("product pictures")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "asset"], name="product_image_once"),
        ]

    def __str__(self) -> str:
        return self.alt or f"#{self.pk}"
