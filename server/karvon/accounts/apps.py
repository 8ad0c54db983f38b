from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "karvon.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
