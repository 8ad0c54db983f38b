"""Proving who one is by password."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password

from karvon.accounts.errors import InvalidCredentials, WrongPassword
from karvon.accounts.lockout import count_attempt, forgive, subjects_of_login, subjects_of_user
from karvon.accounts.models import User
from karvon.accounts.names import read_login_name
from karvon.accounts.selectors import find_user_by_login_name
from karvon.kernel.clock import now as clock_now


def authenticate_by_password(
    *, name: str, password: str, ip: str | None = None, now: datetime | None = None
) -> User:
    """The person with this email, phone or username and this password.

    Raises InvalidCredentials, the same and after the same work whether the name is unknown, the account
    closed or the password wrong, and LoginLocked after repeated failures. Runs outside of any transaction.
    """
    login_name = read_login_name(name)
    subjects = subjects_of_login(login_name, ip)
    count_attempt(subjects, now=now or clock_now())
    user = find_user_by_login_name(login_name)
    if user is None:
        # as much work as checking a real hash
        make_password(password)
        raise InvalidCredentials
    if not user.check_password(password) or not user.is_active:
        raise InvalidCredentials
    forgive(subjects)
    return user


def confirm_password(*, user: User, password: str, now: datetime | None = None) -> None:
    """Raises WrongPassword unless it is this person's, LoginLocked after repeated failures: whoever holds
    a stolen token must not be able to guess the password with it."""
    subjects = subjects_of_user(user)
    count_attempt(subjects, now=now or clock_now())
    if not user.check_password(password):
        raise WrongPassword(details={"current_password": [str(WrongPassword.message)]})
    forgive(subjects)
