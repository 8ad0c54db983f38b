"""The outbox, its deliveries, the answers kept for repeated requests, and signs of life."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.kernel.ids import new_ordered_id


class OutboxEvent(models.Model):
    """A domain event, written in the transaction that made it true."""

    id = models.UUIDField(primary_key=True, default=new_ordered_id, editable=False)
    type = models.CharField(_("type"), max_length=64)
    payload = models.JSONField(_("payload"))
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    relayed_at = models.DateTimeField(_("relayed"), null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-created_at"]
        indexes = [
            # what the relay has yet to hand on, in order
            models.Index(
                fields=["created_at", "id"],
                condition=models.Q(relayed_at__isnull=True),
                name="outbox_unrelayed",
            ),
            # nightly purge
            models.Index(fields=["created_at"], name="outbox_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Pending")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")


class EventDelivery(models.Model):
    """One handler's share of one event. Its effect and its `done` commit together."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(_("handler"), max_length=64)
    state = models.CharField(_("state"), max_length=7, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now())
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="delivery_once_per_handler"),
        ]
        indexes = [
            # what is due
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state="pending"), name="delivery_pending"
            ),
            # the back office's count of what was given up
            models.Index(fields=["id"], condition=models.Q(state="dead"), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} of {self.event_id}"


class StoredAnswer(models.Model):
    """The answer to a request with an Idempotency-Key, committed together with what the request did."""

    scope = models.CharField(max_length=96)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="stored_answer_unique")]
        # hourly purge
        indexes = [models.Index(fields=["created_at"], name="stored_answer_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class Heartbeat(models.Model):
    """When a kind of process behind the web server was last seen at work."""

    name = models.CharField(max_length=16, primary_key=True)
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.noted_at:%Y-%m-%d %H:%M:%S}"
