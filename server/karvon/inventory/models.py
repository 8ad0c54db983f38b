"""How much of each variant is where, who promised it to whom, and every movement that made it so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models import Variant
from karvon.merchants.models import Branch


class StockLevel(models.Model):
    """Units of one variant at one branch. Changed only by conditional UPDATEs in `inventory.services`."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="stock_levels")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="stock_levels")
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)
    low_threshold = models.PositiveIntegerField(_("low-stock threshold"), null=True, blank=True)
    is_low_announced = models.BooleanField(default=False, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "branch"], name="stock_level_unique"),
            # the last wall against overselling
            models.CheckConstraint(
                name="stock_level_covers_its_promises",
                condition=models.Q(on_hand__gte=0, reserved__gte=0, reserved__lte=models.F("on_hand")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} @ {self.branch}"

    @property
    def available(self) -> int:
        """Units that may still be promised."""
        return self.on_hand - self.reserved


class MovementKind(models.TextChoices):
    RECEIVE = "receive", _("Received")
    ADJUST = "adjust", _("Adjusted")
    TRANSFER_OUT = "transfer_out", _("Transferred out")
    TRANSFER_IN = "transfer_in", _("Transferred in")
    SALE = "sale", _("Sold")
    RETURN = "return", _("Returned to stock")


class StockMovement(models.Model):
    """An append-only line of the ledger; the sum of a level's lines is its `on_hand`."""

    level = models.ForeignKey(StockLevel, on_delete=models.CASCADE, related_name="movements")
    kind = models.CharField(_("kind"), max_length=12, choices=MovementKind)
    quantity = models.IntegerField(_("quantity"), help_text=_("negative when units leave"))
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    order_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="stock_movement_moves", condition=~models.Q(quantity=0)),
        ]
        indexes = [
            # the history of one order
            models.Index(
                fields=["order_id"], condition=models.Q(order_id__isnull=False), name="movement_by_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.get_kind_display()}"


class ReservationState(models.TextChoices):
    OPEN = "open", _("Open")
    COMMITTED = "committed", _("Sold")
    RELEASED = "released", _("Released")


class Reservation(models.Model):
    """What one order holds of one stock level. `reserved` of a level is the sum of its open reservations."""

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="reservations")
    order_id = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    returned = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=9, choices=ReservationState, default=ReservationState.OPEN)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order_id", "level"], name="reservation_once_per_order"),
            models.CheckConstraint(
                name="reservation_returns_no_more_than_taken",
                condition=models.Q(quantity__gt=0, returned__lte=models.F("quantity")),
            ),
        ]
        indexes = [
            # the books: reserved = sum of open reservations
            models.Index(
                fields=["level"], condition=models.Q(state="open"), name="reservation_open_by_level"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.order_id}"
