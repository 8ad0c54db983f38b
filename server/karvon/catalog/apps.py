from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "karvon.catalog"
    verbose_name = _("Catalogue")
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
