"""What keeps an account open: a shop that is neither closed nor deleted."""

from __future__ import annotations

from karvon.accounts.models import User
from karvon.merchants.errors import OwnsMerchant
from karvon.merchants.models import GIVEN_UP


def refuse_closing_of_owners(user: User) -> None:
    """Raises OwnsMerchant while the person owns a shop that is neither closed nor deleted."""
    if user.owned_merchants.exclude(state__in=GIVEN_UP).exists():
        raise OwnsMerchant
