"""Pictures: the original as re-encoded by us, and the sizes and formats that clients load."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AssetState(models.TextChoices):
    PENDING = "pending", _("Renditions being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class Asset(models.Model):
    """A picture that was decoded, oriented, stripped of metadata and stored under the hash of its bytes.

    `owner_ref` says whose it is ("merchant:<id>", "user:<id>", "platform"): media is a floor below merchants.
    """

    owner_ref = models.CharField(max_length=64, default="platform")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sha256 = models.CharField(max_length=64, editable=False, help_text=_("of the bytes as stored"))
    source_sha256 = models.CharField(max_length=64, editable=False, help_text=_("of the bytes as uploaded"))
    file = models.CharField(
        max_length=200, editable=False, help_text=_("storage name of the re-encoded original")
    )
    content_type = models.CharField(max_length=32, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    size_bytes = models.PositiveIntegerField(editable=False)
    alt = models.CharField(_("alternative text"), max_length=255, blank=True)
    dominant_colour = models.CharField(max_length=7, blank=True, editable=False)
    state = models.CharField(max_length=8, choices=AssetState, default=AssetState.PENDING)
    error = models.CharField(max_length=255, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-id"]
        constraints = [
            # the same picture uploaded twice by one owner is one row
            models.UniqueConstraint(fields=["owner_ref", "sha256"], name="asset_unique_per_owner"),
        ]
        indexes = [
            # an upload of bytes seen before is answered without decoding them again
            models.Index(fields=["owner_ref", "source_sha256"], name="asset_by_source"),
            # a file is kept while any owner's row names it
            models.Index(fields=["sha256"], name="asset_by_content"),
            # the sweep that hands pictures without renditions to the worker again
            models.Index(
                fields=["created_at"], condition=models.Q(state="pending"), name="asset_pending_by_age"
            ),
        ]

    def __str__(self) -> str:
        return self.alt or self.file


class Rendition(models.Model):
    """One size and format of a picture, made by a task."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="renditions")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    format = models.CharField(max_length=4, choices=[("webp", "WebP"), ("avif", "AVIF")])
    file = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()

    class Meta:
        ordering = ["format", "width"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "width", "format"], name="rendition_unique"),
        ]

    def __str__(self) -> str:
        return self.file
