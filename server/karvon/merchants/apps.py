from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    name = "karvon.merchants"
    label = "merchants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.accounts.services import register_close_guard
        from karvon.merchants.guards import refuse_closing_of_owners

        register_close_guard(refuse_closing_of_owners)
