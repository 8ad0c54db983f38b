"""Closing an account: the person's names go, their orders stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from karvon.accounts.events import AccountClosed
from karvon.accounts.models import User
from karvon.accounts.services.login import confirm_password
from karvon.accounts.services.sessions import revoke_all_tokens
from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.kernel.events import publish

CloseGuard = Callable[[User], None]
_guards: list[CloseGuard] = []


def register_close_guard(guard: CloseGuard) -> None:
    """For the floors above, at start: `guard(user)` raises a DomainError while an account must stay open.

    It is called under the lock of the person's row.
    """
    if guard not in _guards:
        _guards.append(guard)


def close_account(*, user: User, password: str, now: datetime | None = None) -> None:
    """Anonymises the person, frees email, username and phone, ends every login. Orders keep their copies.

    Raises WrongPassword, LoginLocked, or whatever a guard raises.
    """
    confirm_password(user=user, password=password, now=now)
    _close(user_id=user.pk, now=now or clock_now())


@transactional
def _close(*, user_id: int, now: datetime) -> None:
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user.closed_at is not None:
        return
    for guard in _guards:
        guard(user)
    user.username = user.email = user.phone = user.birth_date = None
    user.first_name = user.last_name = ""
    user.is_email_verified = user.is_phone_verified = user.is_active = False
    user.closed_at = now
    user.set_unusable_password()
    user.save()
    user.addresses.all().delete()
    revoke_all_tokens(user=user, reason="account_closed", now=now)
    # where somebody logged in from is personal data too
    user.refresh_families.update(ip=None, user_agent="")
    publish(AccountClosed(user_id=user.pk))
