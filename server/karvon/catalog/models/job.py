from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.merchants.models import Merchant


class JobKind(models.TextChoices):
    IMPORT = "import", _("Import")
    EXPORT = "export", _("Export")


class JobState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class CatalogJob(models.Model):
    """A catalogue file on its way in or out, with its progress."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="catalog_jobs")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    kind = models.CharField(max_length=6, choices=JobKind)
    format = models.CharField(max_length=16)
    language = models.CharField(max_length=2, blank=True, help_text=_("of the texts of a foreign file"))
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=JobState, default=JobState.QUEUED)
    file = models.CharField(max_length=255, blank=True, help_text=_("private storage name of the file"))
    file_name = models.CharField(max_length=255, blank=True, help_text=_("as the person named it"))
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    products_created = models.PositiveIntegerField(default=0)
    products_updated = models.PositiveIntegerField(default=0)
    products_unchanged = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    notes = models.JSONField(default=list, blank=True, help_text=_("what was ignored or read differently"))
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import or export")
        verbose_name_plural = _("imports and exports")
        ordering = ["-id"]
        indexes = [
            # the sweep that picks up jobs whose worker died, and the cap on a merchant's open jobs
            models.Index(
                fields=["merchant", "heartbeat_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="catalogjob_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk} ({self.format})"


class CatalogJobRow(models.Model):
    """A row that was refused, with its line in the file and the reason."""

    job = models.ForeignKey(CatalogJob, on_delete=models.CASCADE, related_name="refused_rows")
    line = models.PositiveIntegerField()
    field = models.CharField(max_length=100, blank=True)
    message = models.CharField(max_length=500)
    identifier = models.CharField(max_length=255, blank=True, help_text=_("handle or SKU"))

    class Meta:
        ordering = ["line", "id"]

    def __str__(self) -> str:
        return f"{self.line}: {self.message}"
