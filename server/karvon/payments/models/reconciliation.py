from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.kernel.fields import AmountField, CurrencyField
from karvon.payments.models.account import ProviderAccount
from karvon.payments.models.payment import Payment
from karvon.payments.registry import name_of


class ReconciliationRun(models.Model):
    """One day of one provider's, ours beside theirs, in one currency."""

    provider = models.CharField(_("provider"), max_length=16)
    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    day = models.DateField(_("day"), help_text="UTC")
    currency = CurrencyField(_("currency"))
    our_count = models.PositiveIntegerField(_("payments here"), default=0)
    our_total = AmountField(_("sum here"), max_digits=18, default=0)
    their_count = models.PositiveIntegerField(_("payments there"), default=0)
    their_total = AmountField(_("sum there"), max_digits=18, default=0)
    made_at = models.DateTimeField(_("compared"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("day compared")
        verbose_name_plural = _("days compared")
        ordering = ["-day", "provider"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account", "day", "currency"],
                name="reconciliation_once_a_day",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{name_of(self.provider)} {self.day}"


class DifferenceKind(models.TextChoices):
    MISSING_HERE = "missing_here", _("Paid there, unknown here")
    MISSING_THERE = "missing_there", _("Paid here, unknown there")
    AMOUNT = "amount", _("Another amount")
    STATE = "state", _("Another state")
    DISPUTE = "dispute", _("Disputed by the customer")
    UNBOOKED = "unbooked", _("Given back without a reason in the order")
    NOT_COMPARED = "not_compared", _("A day that could not be compared")


class Difference(models.Model):
    """Something that ours and theirs tell differently, for a person to look at."""

    provider = models.CharField(_("provider"), max_length=16)
    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=13, choices=DifferenceKind)
    payment = models.ForeignKey(
        Payment, on_delete=models.SET_NULL, null=True, blank=True, related_name="differences"
    )
    reference = models.CharField(_("reference"), max_length=128)
    ours = models.CharField(_("here"), max_length=255, blank=True)
    theirs = models.CharField(_("there"), max_length=255, blank=True)
    found_at = models.DateTimeField(_("found"), db_default=Now(), editable=False)
    resolved_at = models.DateTimeField(_("settled"), null=True, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["-found_at", "-id"]
        constraints = [
            # found again every night until it is settled, listed once
            models.UniqueConstraint(
                fields=["provider", "account", "kind", "reference"],
                condition=models.Q(resolved_at__isnull=True),
                name="difference_open_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{name_of(self.provider)} {self.get_kind_display()} {self.reference}"
