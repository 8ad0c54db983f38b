"""Coupons and automatic promotions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models import Category, Product
from karvon.kernel.fields import AmountField, CurrencyField
from karvon.merchants.models import Merchant


class PromotionKind(models.TextChoices):
    PERCENT = "percent", _("Percent off")
    FIXED = "fixed", _("Amount off")
    FREE_DELIVERY = "free_delivery", _("Free delivery")


class Bearer(models.TextChoices):
    MERCHANT = "merchant", _("Merchant")
    PLATFORM = "platform", _("Platform")


class Promotion(models.Model):
    """A rule that takes something off. With a `code` it is a coupon, without one it applies by itself."""

    merchant = models.ForeignKey(
        Merchant, on_delete=models.CASCADE, null=True, blank=True, related_name="promotions"
    )
    code = models.CharField(_("coupon code"), max_length=40, null=True, blank=True)
    name = models.CharField(_("name"), max_length=128)
    kind = models.CharField(_("kind"), max_length=13, choices=PromotionKind)
    value = AmountField(_("value"), default=0, help_text=_("percent, or an amount in the currency"))
    currency = CurrencyField(_("currency"))
    minimum_subtotal = AmountField(_("from a subtotal of"), default=0)
    maximum_discount = AmountField(_("at most"), null=True, blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    total_limit = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)
    per_customer_limit = models.PositiveIntegerField(_("uses per customer"), null=True, blank=True)
    used_count = models.PositiveIntegerField(_("used"), default=0, editable=False)
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    categories = models.ManyToManyField(Category, blank=True, related_name="+")
    priority = models.PositiveSmallIntegerField(_("priority"), default=100, help_text=_("lower goes first"))
    is_stackable = models.BooleanField(_("adds to others"), default=True)
    borne_by = models.CharField(_("borne by"), max_length=8, choices=Bearer, default=Bearer.MERCHANT)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager[Promotion]]

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["priority", "id"]
        constraints = [
            models.UniqueConstraint(Upper("code"), name="promotion_code_unique_ci"),
            models.CheckConstraint(
                name="promotion_value_fits_kind",
                condition=models.Q(kind="percent", value__gt=0, value__lte=100)
                | models.Q(kind="fixed", value__gt=0)
                | models.Q(kind="free_delivery"),
            ),
            models.CheckConstraint(
                name="promotion_used_within_limit",
                condition=models.Q(total_limit__isnull=True)
                | models.Q(used_count__lte=models.F("total_limit")),
            ),
            models.CheckConstraint(
                name="promotion_dates_in_order",
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(starts_at__lt=models.F("ends_at")),
            ),
        ]
        indexes = [
            # automatic rules are read for every cart
            models.Index(
                fields=["priority"],
                condition=models.Q(code__isnull=True, is_active=True),
                name="promotion_automatic",
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.name


class PromotionUse(models.Model):
    """One order's use of a promotion; given back when the order is cancelled before it was fulfilled."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="uses")
    order_id = models.BigIntegerField()
    customer_key = models.CharField(max_length=80, help_text=_("user:<id>, phone:<E.164> or email:<address>"))
    amount = AmountField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["promotion", "order_id"], name="promotion_use_once_per_order"),
        ]
        indexes = [
            # per-customer limits
            models.Index(
                fields=["promotion", "customer_key"],
                condition=models.Q(released_at__isnull=True),
                name="promotion_live_uses",
            ),
            # release when an order is cancelled
            models.Index(fields=["order_id"], name="promotion_use_by_order"),
        ]

    def __str__(self) -> str:
        return f"{self.promotion_id} by {self.order_id}"
