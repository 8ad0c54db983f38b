from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.kernel.ids import new_token
from karvon.merchants.models import Merchant
from karvon.payments.registry import name_of


class ProviderAccount(models.Model):
    """A contract with a provider: the platform's (`merchant` null) or a merchant's own, to which its money then goes.

    `secrets` is ciphertext (`payments.secrets`); nothing shows it. `key` is in the address of this account's callbacks.
    """

    provider = models.CharField(_("provider"), max_length=16)
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, null=True, blank=True, related_name="provider_accounts"
    )
    key = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    secrets = models.TextField(editable=False)
    checked_at = models.DateTimeField(_("connection tested"), null=True, blank=True, editable=False)
    check_error = models.CharField(_("what the test said"), max_length=255, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        ordering = ["provider", "merchant_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "merchant"], name="provider_account_unique", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{name_of(self.provider)} · {self.merchant or _('platform')}"
