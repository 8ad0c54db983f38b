from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "karvon.inventory"
    verbose_name = _("Stock")
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.catalog import window as catalog_window
        from karvon.catalog.exchange import stock as imported_stock
        from karvon.inventory import window
        from karvon.inventory.services import imports

        catalog_window.after_write(window.refresh_stock)
        imported_stock.register(imports.write_on_hand, imports.read_on_hand)
