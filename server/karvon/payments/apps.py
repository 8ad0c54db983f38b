from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "karvon.payments"
    verbose_name = _("Payments")
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.orders import books
        from karvon.payments import providers  # noqa: F401 - each registers itself
        from karvon.payments.books import list_disagreements

        books.register(list_disagreements)
