"""What people of the back office changed. Rows are written by the database's own triggers, and never changed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Change(models.TextChoices):
    INSERT = "insert", _("Added")
    UPDATE = "update", _("Changed")
    DELETE = "delete", _("Removed")


class AuditEntry(models.Model):
    """One row of one table as a person left it. There are no foreign keys: entries outlive what they tell of.

    The table is made by the migration and not by Django (`managed = False`), so that nothing which empties or changes
    Django's tables ever tries it; a trigger refuses UPDATE, DELETE and TRUNCATE to everybody, its owner included.
    """

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    actor_id = models.BigIntegerField(
        _("person's number"), null=True, help_text=_("empty for a command run on the server")
    )
    actor_label = models.CharField(_("person"), max_length=200)
    actor_role = models.CharField(_("role"), max_length=16)
    action = models.CharField(
        _("action"), max_length=100, help_text=_("the service, else the kind of change")
    )
    change = models.CharField(_("change"), max_length=6, choices=Change)
    object_type = models.CharField(_("kind of object"), max_length=100)
    object_id = models.CharField(_("object"), max_length=64)
    merchant_id = models.BigIntegerField(_("merchant"), null=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    ip = models.GenericIPAddressField(_("address"), null=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        managed = False
        db_table = "audit_entry"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action} {self.object_type} {self.object_id}"
