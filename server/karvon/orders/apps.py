from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "karvon.orders"
    verbose_name = _("Sales")
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.orders.selectors import has_received
        from karvon.reviews import purchases

        purchases.register(has_received)
