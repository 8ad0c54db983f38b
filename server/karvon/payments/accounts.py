"""Whose account with a provider an order is paid through, and which one a callback is for."""

from __future__ import annotations

from django.conf import settings

from karvon.kernel.rows import Rows
from karvon.orders.models import Fulfilment
from karvon.payments.errors import ProviderUnavailable
from karvon.payments.models import Payment, ProviderAccount
from karvon.payments.protocol import Account, Provider
from karvon.payments.registry import find_provider
from karvon.payments.secrets import open_sealed

_PLATFORM = Rows(ProviderAccount, "WHERE provider = %s AND merchant_id IS NULL")
_BY_KEY = Rows(ProviderAccount, "WHERE provider = %s AND key = %s")


def account_of_row(row: ProviderAccount) -> Account:
    """The opened account of a row. Raises ProviderUnavailable when its secrets cannot be read."""
    return Account(
        provider=row.provider,
        values=open_sealed(row.secrets),
        base_url=base_url_of(find_provider(row.provider)),
        pk=row.pk,
        merchant_id=row.merchant_id,
        key=row.key,
    )


def base_url_of(provider: Provider) -> str:
    """Where the provider is: never a merchant's to say."""
    return settings.KARVON_PROVIDERS.get(provider.slug, {}).get("BASE_URL") or provider.base_url


def platform_account(provider: Provider) -> Account | None:
    """The platform's own: from the back office, or else from the environment; None where it has none."""
    row = _PLATFORM.first(provider.slug)
    if row is not None:
        return account_of_row(row) if row.is_active else None
    return _environment_account(provider)


def _environment_account(provider: Provider) -> Account | None:
    values = settings.KARVON_PROVIDERS.get(provider.slug, {})
    if any(field.is_required and not values.get(field.name) for field in provider.fields):
        return None
    return Account(provider.slug, values, base_url_of(provider))


def account_for_order(provider: Provider, order_id: int) -> Account:
    """The only seller's own account, else the platform's. Raises ProviderUnavailable where there is neither."""
    sellers = set(Fulfilment.objects.filter(order=order_id).values_list("merchant_id", flat=True))
    if len(sellers) == 1:
        row = ProviderAccount.objects.filter(
            provider=provider.slug, merchant=sellers.pop(), is_active=True
        ).first()
        if row is not None:
            return account_of_row(row)
    account = platform_account(provider)
    if account is None:
        raise ProviderUnavailable
    return account


def account_for_callback(provider: Provider, key: str) -> Account | None:
    """The account whose address has this key in it ("" is the platform's); None where there is none."""
    row = _BY_KEY.first(provider.slug, key) if key else _PLATFORM.first(provider.slug)
    if row is not None:
        # one that is not in use any more still hears of what was begun with it; nothing new begins
        return account_of_row(row)
    return None if key else _environment_account(provider)


def account_of_payment(payment: Payment) -> Account:
    """The account that a payment was begun with. Raises ProviderUnavailable."""
    if payment.account is not None:
        return account_of_row(payment.account)
    account = _environment_account(find_provider(payment.provider))
    if account is None:
        raise ProviderUnavailable
    return account
