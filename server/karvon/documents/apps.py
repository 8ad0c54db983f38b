from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "karvon.documents"
    verbose_name = _("Documents")
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.documents.books import list_disagreements
        from karvon.orders import books

        books.register(list_disagreements)
