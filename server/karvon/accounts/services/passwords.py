"""Password rules and change."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from karvon.accounts.models import User
from karvon.accounts.names import refuse_all
from karvon.accounts.services.login import confirm_password
from karvon.accounts.services.sessions import issue_tokens, revoke_all_tokens
from karvon.accounts.tokens import TokenPair
from karvon.kernel.db import transactional


def validate_new_password(*, password: str, user: User, field: str = "password") -> None:
    """The configured rules, likeness to the person's own names among them. Raises ValidationFailed."""
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise refuse_all(field, error.messages) from None


def change_password(
    *,
    user: User,
    current_password: str,
    new_password: str,
    ip: str | None = None,
    user_agent: str = "",
    now: datetime | None = None,
) -> TokenPair:
    """Sets a new password, ends every login and begins a new one on the device that asked.

    Raises WrongPassword, LoginLocked or ValidationFailed.
    """
    # counted on its own, whatever becomes of the change
    confirm_password(user=user, password=current_password, now=now)
    validate_new_password(password=new_password, user=user, field="new_password")
    return _replace_password(user=user, password=new_password, ip=ip, user_agent=user_agent, now=now)


@transactional
def _replace_password(
    *, user: User, password: str, ip: str | None, user_agent: str, now: datetime | None
) -> TokenPair:
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    revoke_all_tokens(user=user, reason="password_changed", now=now)
    return issue_tokens(user=user, ip=ip, user_agent=user_agent, now=now)
