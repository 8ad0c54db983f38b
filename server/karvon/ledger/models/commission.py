from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models import Category
from karvon.kernel.fields import AmountField, CurrencyField
from karvon.merchants.models import Merchant


class CommissionRule(models.Model):
    """What the platform takes of a merchant's sales, of a category's, of both, or (with neither) of all.

    The most specific one that is in force applies (`ledger.terms`). Orders keep the terms that they were placed under.
    """

    merchant = models.ForeignKey(
        Merchant, on_delete=models.CASCADE, null=True, blank=True, related_name="commission_rules"
    )
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, null=True, blank=True, related_name="commission_rules"
    )
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    fixed = AmountField(_("and for each unit"), default=0)
    currency = CurrencyField(_("currency"), help_text=_("of the amount for each unit"))
    starts_at = models.DateTimeField(_("from"), db_default=Now())
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=255, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("commission rule")
        verbose_name_plural = _("commission rules")
        ordering = ["merchant_id", "category_id", "-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="commission_is_a_percentage",
                condition=models.Q(percent__gte=0, percent__lte=100, fixed__gte=0),
            ),
            models.CheckConstraint(
                name="commission_dates_in_order",
                condition=models.Q(ends_at__isnull=True) | models.Q(starts_at__lt=models.F("ends_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} %"
