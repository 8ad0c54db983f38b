from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.kernel.fields import AmountField, CurrencyField
from karvon.merchants.models import Merchant


def mask(number: str) -> str:
    """The last four characters, and dots for the others."""
    return f"{'•' * max(len(number) - 4, 4)}{number[-4:]}" if len(number) > 4 else "•" * 8


class BankDetails(models.Model):
    """Where a merchant's payouts go. Shown masked."""

    merchant = models.OneToOneField(Merchant, on_delete=models.CASCADE, related_name="bank_details")
    holder = models.CharField(_("account holder"), max_length=200)
    bank = models.CharField(_("bank"), max_length=200)
    code = models.CharField(_("bank code"), max_length=20, blank=True, help_text=_("BIC, SWIFT or MFO"))
    number = models.CharField(_("account number"), max_length=34, help_text=_("IBAN or the bank's own"))
    changed_at = models.DateTimeField(_("changed"), editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("bank details")
        verbose_name_plural = _("bank details")
        ordering = ["merchant_id"]

    def __str__(self) -> str:
        return f"{self.bank} {self.masked_number}"

    @property
    def masked_number(self) -> str:
        return mask(self.number)


class PayoutState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class PayoutBatch(models.Model):
    """Payouts made together: what was earned until the end of a period, in one currency, from a minimum on."""

    currency = CurrencyField(_("currency"))
    until = models.DateTimeField(_("earned until"))
    minimum = AmountField(_("from"), default=0)
    note = models.CharField(_("note"), max_length=255, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("payout batch")
        verbose_name_plural = _("payout batches")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Payout(models.Model):
    """Money on its way to a merchant: taken off its balance when it is made, given back if it does not arrive.

    The bank details are a copy, so that who approves it knows where it goes.
    """

    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="payouts")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="payouts")
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("amount"))
    state = models.CharField(_("state"), max_length=9, choices=PayoutState, default=PayoutState.DRAFT)
    holder = models.CharField(_("account holder"), max_length=200)
    bank = models.CharField(_("bank"), max_length=200)
    code = models.CharField(_("bank code"), max_length=20, blank=True)
    number = models.CharField(_("account number"), max_length=34)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    made_at = models.DateTimeField(_("made"), editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "merchant"], name="payout_once_per_batch"),
            models.CheckConstraint(name="payout_pays_something", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="payout_by_two_people",
                # who made it may not approve it; nothing is paid that nobody approved
                condition=models.Q(state__in=["draft", "cancelled"])
                | (
                    models.Q(approved_by__isnull=False, made_by__isnull=False)
                    & ~models.Q(approved_by=models.F("made_by"))
                ),
            ),
        ]
        indexes = [
            # a merchant's payouts, newest first
            models.Index(fields=["merchant", "-id"], name="payout_by_merchant"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def masked_number(self) -> str:
        return mask(self.number)
