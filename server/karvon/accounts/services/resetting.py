"""A lost password: a link by mail, good for one new password within the hour.

Asking for it looks nobody up: the same work for every address, so neither answer nor time tells who has an account. Who is
meant is found out where the mail is written, and the link's key is made when the mail is sent: it is stored nowhere.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.utils.http import base36_to_int, int_to_base36

from karvon.accounts.errors import ResetLinkInvalid
from karvon.accounts.events import PasswordResetRequested
from karvon.accounts.lockout import forgive, subjects_of_person
from karvon.accounts.models import User
from karvon.accounts.names import normalise_email
from karvon.accounts.services.passwords import validate_new_password
from karvon.accounts.services.sessions import revoke_all_tokens
from karvon.kernel.db import transactional
from karvon.kernel.events import publish

LARGEST_ID = 2**63 - 1


@transactional
def request_password_reset(*, email: str) -> None:
    """Have a link mailed to this address, if somebody has it. Raises ValidationFailed for what is no address."""
    publish(PasswordResetRequested(email=normalise_email(email)))


def make_reset_link(user: User) -> str:
    """Where this person sets a new password, once, within PASSWORD_RESET_TIMEOUT. Reads only what `user` holds.

    The address is the configured one; who asked, and by which host name, has no part in it.
    """
    uid, token = int_to_base36(user.pk), default_token_generator.make_token(user)
    address: str = settings.KARVON_PASSWORD_RESET_URL
    return address.replace("{uid}", uid).replace("{token}", token)


@transactional
def reset_password(*, uid: str, token: str, new_password: str, now: datetime | None = None) -> None:
    """Set a new password by a mailed link; every login ends, failed ones are forgiven, the email counts as verified.

    Raises ResetLinkInvalid, and ValidationFailed for a weak password (the link stays good then).
    """
    # the token is a hash over the password: under the row's lock no second request finds it still right
    user = _lock_person(_user_id(uid))
    if user is None or not user.email or not default_token_generator.check_token(user, token):
        raise ResetLinkInvalid
    validate_new_password(password=new_password, user=user, field="new_password")
    user.set_password(new_password)
    user.is_email_verified = True
    user.save(update_fields=["password", "is_email_verified", "updated_at"])
    revoke_all_tokens(user=user, reason="password_reset", now=now)
    forgive(subjects_of_person(user))


def _lock_person(user_id: int) -> User | None:
    return User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()


def _user_id(uid: str) -> int:
    """0, which is nobody's, for what is no id."""
    try:
        number = base36_to_int(uid)
    except ValueError:
        return 0
    return number if 0 < number <= LARGEST_ID else 0
