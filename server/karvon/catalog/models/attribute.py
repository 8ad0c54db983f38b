from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models.product import Product, Variant


class AttributeType(models.TextChoices):
    CHOICE = "choice", _("Choice")
    NUMBER = "number", _("Number")
    TEXT = "text", _("Text")
    BOOLEAN = "boolean", _("Yes or no")
    COLOUR = "colour", _("Colour")


class Attribute(models.Model):
    """A property made in the admin at run time. `code` is what `attr_<code>` filters by."""

    code = models.SlugField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=128)
    type = models.CharField(_("type"), max_length=8, choices=AttributeType, default=AttributeType.CHOICE)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    is_filterable = models.BooleanField(_("filterable"), default=True)
    is_option = models.BooleanField(_("tells variants apart"), default=False)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class AttributeChoice(models.Model):
    """A value of a choice or colour attribute."""

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="choices")
    code = models.SlugField(_("code"), max_length=96, allow_unicode=True)
    label = models.CharField(_("label"), max_length=128)
    colour = models.CharField(_("colour"), max_length=7, blank=True, help_text="#rrggbb")
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("attribute choice")
        verbose_name_plural = _("attribute choices")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["attribute", "code"], name="attribute_choice_unique"),
            models.CheckConstraint(
                name="attribute_choice_colour_is_hex",
                condition=models.Q(colour="") | models.Q(colour__regex=r"^#[0-9a-fA-F]{6}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.label


def _exactly_one_value(name: str) -> models.CheckConstraint:
    """Of the four value columns exactly one is filled (which one follows from the attribute's type)."""
    columns = ("choice", "number", "text", "boolean")
    condition = models.Q()
    for filled in columns:
        condition |= models.Q(**{f"{column}__isnull": column != filled for column in columns})
    return models.CheckConstraint(name=name, condition=condition)


class AttributeValue(models.Model):
    """One attribute's value; numbers in the attribute's unit."""

    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="+")
    choice = models.ForeignKey(
        AttributeChoice, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    number = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    text = models.CharField(max_length=500, null=True, blank=True)
    boolean = models.BooleanField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        for value in (self.choice, self.number, self.text, self.boolean):
            if value is not None:
                return f"{self.attribute}: {value}"
        return str(self.attribute)


class ProductAttribute(AttributeValue):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="attribute_values")

    class Meta:
        ordering = ["attribute__position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "attribute"], name="product_attribute_once"),
            _exactly_one_value("product_attribute_one_value"),
        ]


class VariantAttribute(AttributeValue):
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="attribute_values")

    class Meta:
        ordering = ["attribute__position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "attribute"], name="variant_attribute_once"),
            _exactly_one_value("variant_attribute_one_value"),
        ]
