"""`Authorization: Bearer <access>` or `JWT <access>`: who is calling, in one query by primary key."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from karvon.accounts.acting import actor_of
from karvon.accounts.errors import TokenInvalid
from karvon.accounts.models import User
from karvon.accounts.selectors import find_user_of_claims
from karvon.accounts.tokens import ACCESS, read_token
from karvon.kernel.acting import name_actor
from karvon.kernel.errors import AuthenticationRequired

KEYWORDS = frozenset({b"bearer", b"jwt"})


class TokenAuthentication(BaseAuthentication):
    """No header: a guest. A header with anything but a living access token: 401, on public pages too,
    so that a client notices its lost login instead of filling a guest's cart.

    `request.auth` is the id of the login (RefreshFamily) the token stems from.
    """

    www_authenticate_realm = "api"

    def authenticate(self, request: Request) -> tuple[User, UUID] | None:
        parts = get_authorization_header(request).split()
        if not parts:
            return None
        if len(parts) != 2 or parts[0].lower() not in KEYWORDS:
            raise self._refusal()
        try:
            claims = read_token(parts[1].decode("ascii"), token_type=ACCESS)
        except (TokenInvalid, UnicodeDecodeError):
            raise self._refusal() from None
        user = find_user_of_claims(claims)
        if user is None:
            raise self._refusal()
        name_actor(actor_of(user))
        return user, claims.family

    def authenticate_header(self, request: Request) -> str:
        return f'Bearer realm="{self.www_authenticate_realm}"'

    def _refusal(self) -> AuthenticationFailed:
        return AuthenticationFailed(_("This token is not valid or has expired."), code="token_invalid")


def get_caller(request: Request) -> User:
    """The person behind a request to a view for people with an account. Raises AuthenticationRequired."""
    if not request.user.is_authenticated:
        raise AuthenticationRequired
    return request.user
