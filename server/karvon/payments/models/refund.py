from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.kernel.fields import AmountField, CurrencyField
from karvon.kernel.formats import show_amount
from karvon.payments.models.payment import Payment


class RefundState(models.TextChoices):
    PENDING = "pending", _("To be sent")
    PROCESSING = "processing", _("At the provider")
    MANUAL = "manual", _("To be made by hand")
    SUCCEEDED = "succeeded", _("Given back")
    FAILED = "failed", _("Failed")


OPEN_REFUNDS = frozenset({RefundState.PENDING, RefundState.PROCESSING, RefundState.MANUAL})


class RefundReason(models.TextChoices):
    CALLED_OFF = "called_off", _("Something was called off")
    LATE = "late", _("Paid too late")
    DUPLICATE = "duplicate", _("Paid twice")
    REQUESTED = "requested", _("Asked for by hand")
    AT_PROVIDER = "at_provider", _("Made at the provider")


class Refund(models.Model):
    """Money of one payment that goes back. `id` is the key that providers know it by, so that it goes back once.

    `booked_amount`: how much of it the order book has been told. What was given back at the provider without anything
    having been called off waits to be booked until it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    state = models.CharField(_("state"), max_length=10, choices=RefundState, default=RefundState.PENDING)
    reason = models.CharField(_("reason"), max_length=11, choices=RefundReason)
    note = models.CharField(_("note"), max_length=255, blank=True)
    reference = models.CharField(_("refund at the provider"), max_length=128, blank=True, editable=False)
    booked_amount = AmountField(default=0, editable=False)
    failure = models.CharField(_("failure"), max_length=255, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(_("next try"), db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="refund_books_no_more_than_it_is",
                condition=models.Q(amount__gt=0, booked_amount__gte=0, booked_amount__lte=models.F("amount")),
            ),
            models.UniqueConstraint(
                fields=["reference", "payment"],
                condition=~models.Q(reference=""),
                name="refund_reference_unique",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state__in=["pending", "processing"]),
                name="refund_due",
            ),
            # what waits for a person
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["manual", "failed"]),
                name="refund_in_hands",
            ),
        ]

    def __str__(self) -> str:
        return show_amount(self.amount, self.currency)
