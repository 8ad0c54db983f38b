from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "karvon.ledger"
    verbose_name = _("Money")
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.ledger.books import list_disagreements
        from karvon.ledger.terms import find_terms
        from karvon.orders import books, commissions

        commissions.register(find_terms)
        books.register(list_disagreements)
