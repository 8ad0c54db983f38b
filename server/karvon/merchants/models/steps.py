"""The timeline of a merchant: what it has been through, by whose hand and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.merchants.models.merchants import Merchant


class StepSubject(models.TextChoices):
    STATE = "state", _("Shop")
    KYC = "kyc", _("Papers")


class MerchantStep(models.Model):
    """One step along a machine of `merchants.machines`. Written once, never changed."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="steps")
    subject = models.CharField(_("about"), max_length=5, choices=StepSubject)
    from_state = models.CharField(_("from"), max_length=13)
    to_state = models.CharField(_("to"), max_length=13)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    actor_role = models.CharField(_("role"), max_length=8)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("step of a shop")
        verbose_name_plural = _("steps of shops")
        ordering = ["id"]
        indexes = [
            # the timeline of one merchant, the newest first
            models.Index(fields=["merchant", "-id"], name="merchant_step_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
