"""Logins on devices: one RefreshFamily each, its refresh token turning over at every use.

A used refresh token is refused, and showing one again ends its family: either the thief or the owner holds
the newest token, and nobody can tell which. One case is told apart: a request that had *begun* before the
winner rotated (two tabs waking up at once) is refused without ending anything. There is no wider grace. A
client whose answer got lost holds nothing newer, so refusing it gently would not help it, and handing the
pair out twice would break the promise that a used token is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F

from karvon.accounts.errors import SessionNotFound, TokenInvalid, TokenReused
from karvon.accounts.lockout import LONGEST_MEMORY
from karvon.accounts.models import LoginFailures, RefreshFamily, User
from karvon.accounts.selectors import find_user_of_claims
from karvon.accounts.tokens import ACCESS, REFRESH, Claims, TokenPair, read_token, sign_pair
from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional

LOGGED_OUT = "logged_out"
REUSED = "reused"
ALL_REVOKED = "all_revoked"


@transactional
def issue_tokens(
    *,
    user: User,
    ip: str | None = None,
    user_agent: str = "",
    access_lifetime: timedelta | None = None,
    now: datetime | None = None,
) -> TokenPair:
    """Begins a login of this person on one device; `access_lifetime` None is the shop's own."""
    now = now or clock_now()
    family = RefreshFamily.objects.create(
        user=user,
        current_jti=uuid4(),
        rotated_at=now,
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
        ip=ip or None,
        user_agent=user_agent[:256],
    )
    return sign_pair(
        user=user, family=family.pk, jti=family.current_jti, now=now, access_lifetime=access_lifetime
    )


def rotate_refresh(
    *, refresh: str, access_lifetime: timedelta | None = None, now: datetime | None = None
) -> TokenPair:
    """A new pair for a refresh token, which is thereby used up.

    Raises TokenInvalid, or TokenReused when it was used before.
    """
    begun_at = now or clock_now()
    claims = read_token(refresh, token_type=REFRESH)
    pair = _rotate(claims=claims, begun_at=begun_at, now=now, access_lifetime=access_lifetime)
    if pair is None:
        # outside of the transaction, which had to commit the end of the family
        raise TokenReused
    return pair


@transactional
def _rotate(
    *,
    claims: Claims,
    begun_at: datetime,
    now: datetime | None,
    access_lifetime: timedelta | None = None,
) -> TokenPair | None:
    """The new pair, or None if the token was replayed and the family has been ended for it."""
    family = _lock_living_family(claims)
    now = now or clock_now()
    if family.current_jti != claims.jti:
        if begun_at < family.rotated_at:
            raise TokenReused
        revoke_family(family=family, reason=REUSED, now=now)
        return None
    if not family.user.is_active or family.user.token_version != claims.token_version:
        raise TokenInvalid
    family.current_jti = uuid4()
    family.rotated_at = now
    family.expires_at = now + settings.REFRESH_TOKEN_LIFETIME
    family.save(update_fields=["current_jti", "rotated_at", "expires_at"])
    return sign_pair(
        user=family.user, family=family.pk, jti=family.current_jti, now=now, access_lifetime=access_lifetime
    )


def _lock_living_family(claims: Claims) -> RefreshFamily:
    # the person's row is read along but not locked: a change of password waits for nobody's refresh
    family = (
        RefreshFamily.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=claims.family, user_id=claims.user_id, revoked_at__isnull=True)
        .first()
    )
    if family is None:
        raise TokenInvalid
    return family


def revoke_family(*, family: RefreshFamily, reason: str, now: datetime | None = None) -> None:
    """Ends one login; its access tokens stop working with it."""
    RefreshFamily.objects.filter(pk=family.pk, revoked_at__isnull=True).update(
        revoked_at=now or clock_now(), revoked_reason=reason
    )


@transactional
def revoke_all_tokens(*, user: User, reason: str = ALL_REVOKED, now: datetime | None = None) -> None:
    """Ends every login of a person, on the admin site too. `user` carries the new version afterwards."""
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
    RefreshFamily.objects.filter(user=user, revoked_at__isnull=True).update(
        revoked_at=now or clock_now(), revoked_reason=reason
    )
    user.refresh_from_db(fields=["token_version"])


@transactional
def log_out(*, refresh: str, everywhere: bool = False, now: datetime | None = None) -> None:
    """Ends the login this refresh token stems from, or all of that person's. Doing it again changes nothing.

    A token that was used before ends its own family only. Raises TokenInvalid for what is no refresh token.
    """
    claims = read_token(refresh, token_type=REFRESH)
    try:
        family = _lock_living_family(claims)
    except TokenInvalid:
        return
    if everywhere and family.current_jti == claims.jti:
        revoke_all_tokens(user=family.user, reason=LOGGED_OUT, now=now)
    else:
        revoke_family(family=family, reason=LOGGED_OUT, now=now)


@transactional
def end_session(*, user: User, session_id: UUID, now: datetime | None = None) -> None:
    """Ends one of the person's own logins. Raises SessionNotFound for any other."""
    family = user.refresh_families.filter(pk=session_id, revoked_at__isnull=True).first()
    if family is None:
        raise SessionNotFound
    revoke_family(family=family, reason=LOGGED_OUT, now=now)


def verify_token(*, token: str) -> None:
    """Raises TokenInvalid unless the token, access or refresh, would be accepted now."""
    claims = read_token(token)
    if find_user_of_claims(claims) is None:
        raise TokenInvalid
    if (
        claims.token_type != ACCESS
        and not RefreshFamily.objects.filter(pk=claims.family, current_jti=claims.jti).exists()
    ):
        raise TokenInvalid


@transactional
def purge_expired_logins(*, now: datetime | None = None) -> tuple[int, int]:
    """Forgets logins past their refresh token's age and old failures. How many of each."""
    now = now or clock_now()
    families, _by_model = RefreshFamily.objects.filter(expires_at__lt=now).delete()
    failures, _by_model = LoginFailures.objects.filter(window_started_at__lt=now - LONGEST_MEMORY).delete()
    return families, failures
