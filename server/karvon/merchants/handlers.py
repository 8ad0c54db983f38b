"""What this room does about news of other rooms."""

from __future__ import annotations

from uuid import UUID

from karvon.accounts.events import AccountClosed
from karvon.kernel.events import handles
from karvon.merchants.services import forget_person


@handles(AccountClosed, name="merchants.forget_person")
def take_off_staff_lists(event: AccountClosed, *, event_id: UUID) -> None:
    """Rights end with the account at once; this clears the lists."""
    forget_person(user_id=event.user_id)
