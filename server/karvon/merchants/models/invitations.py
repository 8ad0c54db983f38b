"""Invitations by mail to work for a merchant."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.merchants.models.merchants import Merchant, StaffRole


class InvitationState(models.TextChoices):
    PENDING = "pending", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    REVOKED = "revoked", _("Withdrawn")


class StaffInvitation(models.Model):
    """A place offered to whoever reads the mail at an address. The secret of the link is kept as a hash only; each
    mail has another (`nonce`), and only the newest opens the door.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("email"))
    role = models.CharField(_("role"), max_length=16, choices=StaffRole)
    language = models.CharField(_("language"), max_length=2)
    state = models.CharField(
        _("state"), max_length=8, choices=InvitationState, default=InvitationState.PENDING
    )
    secret_hash = models.CharField(max_length=64, editable=False, unique=True, null=True)
    nonce = models.CharField(max_length=64, blank=True, editable=False)
    mails = models.PositiveSmallIntegerField(_("mails"), default=0, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("invited by"),
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    asked_at = models.DateTimeField(editable=False, help_text=_("when the last mail was asked for"))
    expires_at = models.DateTimeField(_("valid until"), editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "email"],
                condition=models.Q(state="pending"),
                name="invitation_one_pending_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"
