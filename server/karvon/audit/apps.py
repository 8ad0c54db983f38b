from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "karvon.audit"
    verbose_name = _("Audit log")
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read what each room declares, and keep the database's triggers equal to it after every migration."""
        for app in apps.get_app_configs():
            if app.name.startswith("karvon.") and module_has_submodule(app.module, "audited"):  # type: ignore[arg-type]
                import_module(f"{app.name}.audited")
        post_migrate.connect(_renew_triggers, sender=self, dispatch_uid="karvon.audit")


def _renew_triggers(using: str, **_options: Any) -> None:
    from karvon.audit.triggers import renew_triggers

    renew_triggers(using)
