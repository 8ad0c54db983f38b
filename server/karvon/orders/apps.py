from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "karvon.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.orders.selectors import has_received
        from karvon.reviews import purchases

        purchases.register(has_received)
