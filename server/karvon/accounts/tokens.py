"""Access and refresh tokens: what they claim, how they are signed and read.

Claims of both: `token_type`, `user_id` (int), `tv` (the person's token version), `family` (the login they
stem from), `jti`, `iat`, `exp`; an access token also names the `role` for clients to show the right screens.
The server itself never trusts that claim: the role is read from the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from karvon.accounts.errors import TokenInvalid
from karvon.accounts.models import User

ALGORITHM = "HS256"
ACCESS = "access"
REFRESH = "refresh"
MAX_TOKEN_LENGTH = 2_000


@dataclass(frozen=True)
class Claims:
    """A token whose signature, age and claim types were all found good."""

    token_type: str
    user_id: int
    token_version: int
    family: UUID
    jti: UUID


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str


@lru_cache(maxsize=4)
def _signer(secret: str) -> TokenBackend:
    """The signing key is derived, so that a token can never pass for another of Django's signatures."""
    key = salted_hmac("karvon.accounts.tokens", "jwt", secret=secret, algorithm="sha256").hexdigest()
    return TokenBackend(ALGORITHM, signing_key=key)


def _encode(claims: dict[str, Any]) -> str:
    return _signer(settings.SECRET_KEY).encode(claims)


def sign_pair(
    *, user: User, family: UUID, jti: UUID, now: datetime, access_lifetime: timedelta | None = None
) -> TokenPair:
    """Both tokens of one login; they share the `jti`, so that a pair is recognised in the log.

    `access_lifetime` None: ACCESS_TOKEN_LIFETIME.
    """
    claims: dict[str, Any] = {
        "user_id": user.pk,
        "tv": user.token_version,
        "family": str(family),
        "jti": str(jti),
        "iat": int(now.timestamp()),
    }
    access_until = now + (access_lifetime or settings.ACCESS_TOKEN_LIFETIME)
    refresh_until = now + settings.REFRESH_TOKEN_LIFETIME
    return TokenPair(
        access=_encode(
            claims | {"token_type": ACCESS, "role": user.role, "exp": int(access_until.timestamp())}
        ),
        refresh=_encode(claims | {"token_type": REFRESH, "exp": int(refresh_until.timestamp())}),
    )


def _whole_number(value: object) -> int:
    # True is an int to Python, and "1" would be cast by the ORM
    if type(value) is not int or not 0 <= value < 2**63:
        raise TokenInvalid
    return value


def _uuid(value: object) -> UUID:
    if not isinstance(value, str):
        raise TokenInvalid
    try:
        return UUID(value)
    except ValueError:
        raise TokenInvalid from None


def read_token(token: str, *, token_type: str | None = None) -> Claims:
    """The claims of a token of ours. Raises TokenInvalid for everything else, and for the other type."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenInvalid
    try:
        payload = _signer(settings.SECRET_KEY).decode(token)  # type: ignore[arg-type]  # takes text
    except (TokenBackendError, ValueError):
        raise TokenInvalid from None
    if "exp" not in payload or payload.get("token_type") not in (ACCESS, REFRESH):
        raise TokenInvalid
    if token_type is not None and payload["token_type"] != token_type:
        raise TokenInvalid
    return Claims(
        token_type=payload["token_type"],
        user_id=_whole_number(payload.get("user_id")),
        token_version=_whole_number(payload.get("tv")),
        family=_uuid(payload.get("family")),
        jti=_uuid(payload.get("jti")),
    )
