"""Mail that events asked for: written once per event and recipient, then sent."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Mail(models.Model):
    """One message to one person. The unique key keeps an event that arrives twice from being mailed twice."""

    event_id = models.UUIDField(editable=False)
    kind = models.CharField(_("kind"), max_length=32)
    recipient = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=2)
    subject = models.CharField(_("subject"), max_length=255)
    text_body = models.TextField(_("text"))
    html_body = models.TextField(_("HTML"))
    state = models.CharField(_("state"), max_length=7, choices=MailState, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sending_since = models.DateTimeField(null=True, blank=True, editable=False)
    next_attempt_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["event_id", "kind", "recipient"], name="mail_once_per_event"),
        ]
        indexes = [
            # the task that picks up what is due
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state="queued"), name="mail_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"
