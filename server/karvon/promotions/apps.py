from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromotionsConfig(AppConfig):
    name = "karvon.promotions"
    verbose_name = _("Marketing")
    label = "promotions"
    default_auto_field = "django.db.models.BigAutoField"
