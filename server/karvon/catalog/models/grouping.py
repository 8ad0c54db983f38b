from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.merchants.models import Merchant


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=64)
    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class CollectionKind(models.TextChoices):
    MANUAL = "manual", _("Hand-picked")
    RULE = "rule", _("By rule")


class Collection(models.Model):
    """Products shown together: hand-picked, or all that match `rule`.

    `rule` is {"all": [{"field": …, "op": "eq|lt|gt|in", "value": …}, …]} (`catalog.rules` says which); membership is worked out when a product's window row is written.
    """

    merchant = models.ForeignKey(
        Merchant, on_delete=models.CASCADE, null=True, blank=True, related_name="collections"
    )
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=120, unique=True, allow_unicode=True)
    description = models.TextField(_("description"), blank=True)
    image = models.ForeignKey(
        "media.Asset", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=6, choices=CollectionKind, default=CollectionKind.MANUAL)
    rule = models.JSONField(_("rule"), default=dict, blank=True)
    products: models.ManyToManyField = models.ManyToManyField(
        "catalog.Product", through="CollectionProduct", related_name="collections", blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class CollectionProduct(models.Model):
    """A hand-picked product's place in a collection."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="picks")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="picks")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "product"], name="collection_product_once"),
        ]

    def __str__(self) -> str:
        return f"{self.collection_id}:{self.product_id}"


class Favourite(models.Model):
    """A product on a customer's wishlist."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="favourite_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.product_id}"
