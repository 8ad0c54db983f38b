"""Mail that events asked for: written once per event and recipient, then sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.notifications.notices import (
    ChannelName,
    Delivery,
    Notification,
    NotificationState,
    Preference,
    TargetType,
    Topic,
    list_choices,
)

__all__ = [
    "ChannelName",
    "Delivery",
    "Mail",
    "MailKind",
    "MailState",
    "Notification",
    "NotificationState",
    "Preference",
    "TargetType",
    "Topic",
    "list_choices",
]


class MailState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    # the worker was lost after it may have handed the mail over: never sent again without a person's word
    UNKNOWN = "unknown", _("Outcome unknown")


class MailKind(models.TextChoices):
    ORDER_RECEIVED = "order_received", _("Order awaiting payment")
    ORDER_CONFIRMATION = "order_confirmation", _("Order confirmed")
    ORDER_CANCELLED = "order_cancelled", _("Order cancelled")
    ORDER_ON_ITS_WAY = "order_on_its_way", _("Order on its way")
    ORDER_READY = "order_ready", _("Order ready to collect")
    ORDER_DELIVERED = "order_delivered", _("Order delivered")
    ORDER_REJECTED = "order_rejected", _("Part of an order refused")
    ORDER_REFUNDED = "order_refunded", _("Refund for an order")
    STOCK_LOW = "stock_low", _("Low stock")
    PASSWORD_RESET = "password_reset", _("New password")
    SALES_REPORT = "sales_report", _("Daily sales report")
    LOW_STOCK_DIGEST = "low_stock_digest", _("Weekly low stock")
    CART_REMINDER = "cart_reminder", _("Reminder of a cart")
    ANNOUNCEMENT = "announcement", _("Announcement")
    PAYMENT_RETURNED = "payment_returned", _("Payment that goes back")
    STAFF_INVITATION = "staff_invitation", _("Invitation to work for a shop")
    KYC_DECISION = "kyc_decision", _("Decision about papers")
    MERCHANT_STATE = "merchant_state", _("Shop suspended or brought back")
    PAYOUT = "payout", _("News of a payout")
    BANK_DETAILS = "bank_details", _("Bank details changed")
    PAYMENT_ATTENTION = "payment_attention", _("Payment that needs a person")


class Mail(models.Model):
    """One message to one person. The unique key keeps an event that arrives twice from being mailed twice."""

    event_id = models.UUIDField(editable=False)
    kind = models.CharField(_("kind"), max_length=32, choices=MailKind)
    recipient = models.EmailField(_("to"))
    # to whose account the link leads that is put into the bodies when the mail is sent (`private_links`)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    # what a private link is about, where that is no person; of mails about an order, the order or its part (`attachments`)
    about_id = models.BigIntegerField(null=True, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=2)
    subject = models.CharField(_("subject"), max_length=255)
    text_body = models.TextField(_("text"))
    html_body = models.TextField(_("HTML"))
    state = models.CharField(_("state"), max_length=7, choices=MailState, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    rounds = models.PositiveSmallIntegerField(
        _("times queued"),
        default=1,
        editable=False,
        help_text=_("more than once when a person sent it again"),
    )
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
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="queued"), name="mail_due"),
            # the sweep that finds mails whose worker was lost
            models.Index(
                fields=["sending_since"], condition=models.Q(state="sending"), name="mail_in_flight"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"
