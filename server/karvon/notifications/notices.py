"""Notifications: what people are told, over which channels, and what they want to be told at all."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    ANNOUNCEMENTS = "announcements", _("Announcements")
    ORDERS = "orders", _("Orders")
    STOCK = "stock", _("Stock")
    PAYOUTS = "payouts", _("Payouts")
    PAYMENTS = "payments", _("Payments that need a person")
    REPORTS = "reports", _("Daily sales report")
    STOCK_DIGESTS = "stock_digests", _("Weekly low stock")
    CARTS = "carts", _("Reminder of a cart")


class ChannelName(models.TextChoices):
    INBOX = "inbox", _("Inbox")
    MAIL = "mail", _("Mail")


# mails that come by themselves: nothing of them is ever in an inbox
BY_MAIL_ALONE = frozenset({Topic.REPORTS, Topic.STOCK_DIGESTS, Topic.CARTS})


def list_choices() -> list[tuple[str, str]]:
    """Every (channel, topic) that people may decline."""
    return [
        (str(channel), str(topic))
        for channel in ChannelName
        for topic in Topic
        if channel == ChannelName.MAIL or topic not in BY_MAIL_ALONE
    ]


class TargetType(models.TextChoices):
    ALL = "all", _("Everybody")
    MERCHANTS = "merchants", _("People of all merchants")
    CUSTOMERS = "customers", _("All customers")
    MERCHANT = "merchant", _("People of one merchant")
    USER = "user", _("One person")


class NotificationState(models.TextChoices):
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")


class Notification(models.Model):
    """Something that people are told. It is handed out in batches by number of the person: `cursor` is the last one reached,
    moved in the transaction that writes the batch's deliveries.
    """

    uid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), max_length=4000, blank=True)
    topic = models.CharField(_("topic"), max_length=16, choices=Topic, default=Topic.ANNOUNCEMENTS)
    target_type = models.CharField(_("for whom"), max_length=10, choices=TargetType)
    target_id = models.BigIntegerField(
        _("number"), null=True, blank=True, help_text=_("of the merchant or the person")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )
    merchant = models.ForeignKey(
        "merchants.Merchant",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    # what it is about, for clients: {"order": 7}
    data = models.JSONField(default=dict, blank=True, editable=False)
    # the event it tells of; one that arrives twice is told once
    source = models.CharField(max_length=100, null=True, blank=True, unique=True, editable=False)
    state = models.CharField(
        _("state"), max_length=7, choices=NotificationState, default=NotificationState.SENDING, editable=False
    )
    cursor = models.BigIntegerField(default=0, editable=False)
    recipients = models.PositiveIntegerField(_("recipients"), default=0, editable=False)
    next_attempt_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        indexes = [
            # the sweep that goes on with what was interrupted
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state="sending"), name="notification_open"
            ),
            # the nightly purge
            models.Index(fields=["created_at"], name="notification_by_age"),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """A notification's way to one person over one channel. That of the inbox is the message the person reads."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    channel = models.CharField(_("channel"), max_length=16, choices=ChannelName)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "user", "channel"], name="delivery_once_per_channel"
            ),
        ]
        indexes = [
            # a person's inbox, newest first; and its unread count
            models.Index(fields=["user", "-id"], condition=models.Q(channel="inbox"), name="delivery_inbox"),
            models.Index(
                fields=["user"],
                condition=models.Q(channel="inbox", read_at__isnull=True),
                name="delivery_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} → {self.user_id} ({self.channel})"


class Preference(models.Model):
    """Whether somebody wants a topic over a channel; without a row they do."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(_("channel"), max_length=16, choices=ChannelName)
    topic = models.CharField(_("topic"), max_length=16, choices=Topic)
    is_enabled = models.BooleanField(_("wanted"), default=True)

    class Meta:
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")
        ordering = ["user_id", "channel", "topic"]
        constraints = [
            models.UniqueConstraint(fields=["user", "channel", "topic"], name="preference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.topic} by {self.channel}"
