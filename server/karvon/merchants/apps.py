from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MerchantsConfig(AppConfig):
    name = "karvon.merchants"
    verbose_name = _("Shops")
    label = "merchants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.accounts.services import register_close_guard
        from karvon.merchants.guards import refuse_closing_of_owners

        register_close_guard(refuse_closing_of_owners)
