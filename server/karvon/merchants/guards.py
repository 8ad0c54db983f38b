"""What keeps an account open: a shop that is not closed."""

from __future__ import annotations

from karvon.accounts.models import User
from karvon.merchants.errors import OwnsMerchant
from karvon.merchants.models import MerchantState


def refuse_closing_of_owners(user: User) -> None:
    """Raises OwnsMerchant while the person owns a shop that is not closed."""
    if user.owned_merchants.exclude(state=MerchantState.CLOSED).exists():
        raise OwnsMerchant
