from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "karvon.analytics"
    verbose_name = _("Statistics")
    label = "analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.analytics.services.verifying import check_statistics
        from karvon.orders import books

        books.register(check_statistics)
