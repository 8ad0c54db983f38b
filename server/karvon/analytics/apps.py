from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "karvon.analytics"
    verbose_name = _("Statistics")
    label = "analytics"
    default_auto_field = "django.db.models.BigAutoField"
