"""What this room announces to the floors above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class PasswordResetRequested(DomainEvent):
    """Somebody wants a link to set a new password. Whether anybody has this address was not looked up."""

    TYPE: ClassVar[str] = "accounts.password_reset_requested"

    email: str


@dataclass(frozen=True)
class AccountClosed(DomainEvent):
    """The person is gone: names are removed, orders stay."""

    TYPE: ClassVar[str] = "accounts.account_closed"

    user_id: int
