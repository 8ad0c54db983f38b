from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "karvon.reviews"
    verbose_name = _("Feedback")
    label = "reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from karvon.reviews import kinds

        kinds.register()
