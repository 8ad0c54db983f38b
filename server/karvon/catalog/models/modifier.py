from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models.product import Product
from karvon.kernel.fields import AmountField
from karvon.merchants.models import Merchant


class ModifierGroup(models.Model):
    """A question asked about a dish: pick between `min_picks` and `max_picks` of its modifiers."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="modifier_groups")
    name = models.CharField(_("name"), max_length=128)
    min_picks = models.PositiveSmallIntegerField(_("at least"), default=0)
    max_picks = models.PositiveSmallIntegerField(_("at most"), default=1)
    products: models.ManyToManyField = models.ManyToManyField(
        Product, through="ProductModifierGroup", related_name="modifier_groups", blank=True
    )

    class Meta:
        verbose_name = _("modifier group")
        verbose_name_plural = _("modifier groups")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="modifier_group_picks_in_order",
                condition=models.Q(max_picks__gte=1) & models.Q(max_picks__gte=models.F("min_picks")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Modifier(models.Model):
    """One answer and what it adds to the unit price (may be negative)."""

    group = models.ForeignKey(ModifierGroup, on_delete=models.CASCADE, related_name="modifiers")
    name = models.CharField(_("name"), max_length=128)
    price_delta = AmountField(_("price difference"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("modifier")
        verbose_name_plural = _("modifiers")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class ProductModifierGroup(models.Model):
    """Which questions are asked of which dish, and in which order."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="modifier_links")
    group = models.ForeignKey(ModifierGroup, on_delete=models.CASCADE, related_name="links")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "group"], name="product_modifier_group_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}:{self.group_id}"
