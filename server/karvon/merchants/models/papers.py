"""The papers by which a merchant shows who it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.merchants.models.merchants import Merchant


class KycDocumentKind(models.TextChoices):
    PASSPORT = "passport", _("Passport or identity card")
    REGISTRATION_CERTIFICATE = "registration_certificate", _("Registration certificate")
    TAX_CERTIFICATE = "tax_certificate", _("Tax certificate")
    BANK_DETAILS = "bank_details", _("Bank details")
    OTHER = "other", _("Another document")


class DocumentState(models.TextChoices):
    PENDING = "pending", _("Waiting for a decision")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class KycDocument(models.Model):
    """A file in the private storage under a random name; `name` is what its owner called it, for lists only."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="kyc_documents")
    kind = models.CharField(_("kind"), max_length=24, choices=KycDocumentKind)
    state = models.CharField(_("state"), max_length=8, choices=DocumentState, default=DocumentState.PENDING)
    name = models.CharField(_("file name"), max_length=120)
    file = models.CharField(max_length=120, editable=False, unique=True)
    content_type = models.CharField(_("content type"), max_length=32, editable=False)
    size_bytes = models.PositiveIntegerField(_("bytes"), editable=False)
    source_sha256 = models.CharField(max_length=64, editable=False, help_text=_("of the bytes as uploaded"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("submitted"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("document of a shop")
        verbose_name_plural = _("documents of shops")
        ordering = ["id"]
        constraints = [
            # a submission that arrives twice brings each file once
            models.UniqueConstraint(
                fields=["merchant", "source_sha256"],
                condition=models.Q(state="pending"),
                name="kyc_document_once_per_submission",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.name}"
