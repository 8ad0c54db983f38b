"""Invoices, receipts and credit notes: numbered without gaps, and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from karvon.kernel.fields import AmountField, CurrencyField
from karvon.kernel.ids import new_token
from karvon.merchants.models import Merchant
from karvon.orders.models import Fulfilment, Order


class DocumentKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice")
    RECEIPT = "receipt", _("Receipt")
    CREDIT_NOTE = "credit_note", _("Credit note")


class NumberSeries(models.Model):
    """How far a merchant's numbers of one kind and year have come. Whoever takes one holds the row until it is committed,
    so that none is left out.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=11, choices=DocumentKind)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind", "year"], name="number_series_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class Document(models.Model):
    """What a merchant wrote to a customer about an order. `snapshot` holds all that stands on it (`snapshots.Snapshot`);
    the database refuses to change any of it. The file is made from the snapshot and can be made again.
    """

    # what it was written for: whatever has this key already is not written again
    key = models.CharField(max_length=100, unique=True, editable=False)
    # whoever reads it off the paper may see the document
    code = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    kind = models.CharField(_("kind"), max_length=11, choices=DocumentKind)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="documents", verbose_name=_("order")
    )
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="documents", verbose_name=_("merchant")
    )
    # the part of the order whose money a credit note gives back
    fulfilment = models.ForeignKey(
        Fulfilment, on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    year = models.PositiveSmallIntegerField(editable=False)
    sequence = models.PositiveIntegerField(editable=False)
    number = models.CharField(_("number"), max_length=20, editable=False)
    language = models.CharField(_("language"), max_length=2)
    currency = CurrencyField(_("currency"))
    total = AmountField(_("total"), help_text=_("asked for, paid, or given back"))
    issued_at = models.DateTimeField(_("issued"), editable=False)
    snapshot = models.JSONField(editable=False)
    file = models.CharField(max_length=200, blank=True, default="", editable=False)
    file_sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, default="", editable=False)
    file_size = models.PositiveIntegerField(_("bytes"), default=0, editable=False)
    rendered_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "year", "sequence"], name="document_number_unique"
            ),
            models.CheckConstraint(
                name="document_total_not_negative",
                condition=models.Q(total__gte=0, sequence__gt=0),
            ),
        ]
        indexes = [
            # a merchant's documents, newest first
            models.Index(fields=["merchant", "-id"], name="document_by_merchant"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def path(self) -> str:
        """The printable page, open to whoever has the code."""
        return f"/documents/{self.code}/"

    @property
    def pdf_path(self) -> str:
        """The file behind the printable page."""
        return f"{self.path}pdf/"

    @property
    def pdf_url(self) -> str:
        """The same with the shop's address."""
        return settings.KARVON_PUBLIC_URL + self.pdf_path

    @property
    def url(self) -> str:
        """Where the QR code leads."""
        return settings.KARVON_PUBLIC_URL + self.path
