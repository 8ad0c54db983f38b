"""The ground floor joins the rooms when the server starts."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from karvon.kernel import acting


class KernelConfig(AppConfig):
    name = "karvon.kernel"
    verbose_name = _("System")
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import every room's `handlers`, so that the relay and the workers know who listens to what."""
        import_module("karvon.settings.checks")
        connection_created.connect(acting.watch_writes, dispatch_uid="karvon.acting")
        import_module("karvon.celery")  # tasks are sent from every process through this one application
        for app in apps.get_app_configs():
            if app.name.startswith("karvon."):
                for module in (f"{app.name}.handlers", f"{app.name}.exchange.handlers"):
                    if _exists(module):
                        import_module(module)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package between does not exist
        return False
