from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.payments.models.account import ProviderAccount
from karvon.payments.models.payment import Payment
from karvon.payments.registry import name_of


class EventOutcome(models.TextChoices):
    RECEIVED = "received", _("Received")
    APPLIED = "applied", _("Applied")
    IGNORED = "ignored", _("Nothing to do")
    REFUSED = "refused", _("Refused")
    FORGED = "forged", _("Not from the provider")
    MISMATCH = "mismatch", _("Does not fit ours")


class ProviderEvent(models.Model):
    """A message of a provider, as it came, and what was answered. `event_id` is the provider's own; the same comes once.

    The header with a secret in it is left out; the body of what was forged is kept only in part.
    """

    provider = models.CharField(_("provider"), max_length=16)
    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    event_id = models.CharField(_("event"), max_length=160, blank=True)
    kind = models.CharField(_("kind"), max_length=64, blank=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.SET_NULL, null=True, blank=True, related_name="provider_events"
    )
    headers = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("body"))
    is_verified = models.BooleanField(_("verified"), default=False)
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=EventOutcome, default=EventOutcome.RECEIVED
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    answer_status = models.PositiveSmallIntegerField(_("answered"), default=0)
    answer = models.BinaryField(_("answer"), default=b"")
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(_("received"), db_default=Now(), editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "provider", "account"],
                condition=~models.Q(event_id="") & models.Q(is_verified=True),
                name="provider_event_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="provider_event_newest"),
            # from a line of the log to the message
            models.Index(
                fields=["request_id"], condition=~models.Q(request_id=""), name="provider_event_request"
            ),
            models.Index(
                fields=["received_at"], condition=models.Q(outcome="forged"), name="provider_event_forged"
            ),
        ]

    def __str__(self) -> str:
        return f"{name_of(self.provider)} {self.kind} {self.event_id}".strip()
