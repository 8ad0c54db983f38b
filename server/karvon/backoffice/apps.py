from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class BackofficeConfig(AppConfig):
    name = "karvon.backoffice"
    label = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"
    # INSTALLED_APPS names the application, not this file's other configuration
    default = True

    def ready(self) -> None:
        from karvon.kernel.names import translate_names

        translate_names()


class BackofficeAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site, so that `admin.site` is ours wherever pages register."""

    default_site = "karvon.backoffice.site.BackofficeSite"
    default = False
