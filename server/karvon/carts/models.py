"""Carts live in Redis; this is their copy for the day Redis loses them."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class CartCheckpoint(models.Model):
    """The last state of a cart that was written down."""

    cart_id = models.UUIDField(primary_key=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    document = models.JSONField()
    version = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        # daily removal of forgotten carts
        indexes = [models.Index(fields=["changed_at"], name="cart_checkpoint_by_age")]

    def __str__(self) -> str:
        return str(self.cart_id)
