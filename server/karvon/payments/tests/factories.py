"""Orders that wait for a payment, and accounts with providers, for tests of this room and those above."""

from __future__ import annotations

from typing import Any

from karvon.merchants.models import Merchant
from karvon.orders.models import Order
from karvon.orders.tests.factories import make_order
from karvon.payments.models import ProviderAccount
from karvon.payments.secrets import seal

BANK = {"HOLDER": "Karvon LLC", "BANK": "National Bank", "NUMBER": "20208000900123456001"}


def make_account(provider: str, merchant: Merchant | None = None, **values: str) -> ProviderAccount:
    """A contract with a provider: the platform's, or a merchant's own."""
    return ProviderAccount.objects.create(provider=provider, merchant=merchant, secrets=seal(values))


def bank_account() -> ProviderAccount:
    """Where bank transfers of the platform go."""
    return make_account("bank_transfer", **BANK)


def make_unpaid(method: str, *items: Any, **fields: Any) -> Order:
    """A customer's order that waits to be paid this way."""
    return make_order(*items, payment_method=method, **fields)
