from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "karvon.media"
    verbose_name = _("Files")
    label = "media"
    default_auto_field = "django.db.models.BigAutoField"
