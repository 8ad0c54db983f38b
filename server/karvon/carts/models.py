"""Carts live in Redis; this is their copy for the day Redis loses them."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class CartCheckpoint(models.Model):
    """The last state of a cart that was written down, and the last version that is no more to come back.

    A row comes back only if `version` is above `consumed_version`: an ordered or merged cart stays gone
    however late a copy of it is written. `document` is made by `carts.lines.to_document`.
    """

    cart_id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    document = models.JSONField(default=dict)
    version = models.BigIntegerField(default=0)
    consumed_version = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        # daily removal of forgotten carts
        indexes = [models.Index(fields=["changed_at"], name="cart_checkpoint_by_age")]

    def __str__(self) -> str:
        return str(self.cart_id)
