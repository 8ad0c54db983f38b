"""Whose row a request asks for: a guest's, by the token of its order, else one of the caller's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rest_framework.request import Request

from karvon.accounts.authentication import get_caller
from karvon.accounts.models import User
from karvon.kernel.errors import AuthenticationRequired

Row = TypeVar("Row")


def find_asked(
    request: Request, token: str | None, *, held: Callable[[str], Row], own: Callable[[User], Row]
) -> Row:
    """`held` with the token that was sent, else `own` with the caller. Both raise a 404 for whatever the asker may not see; a
    token that is sent decides alone, also when it is wrong and the caller could see the row without it.

    Raises AuthenticationRequired for neither token nor caller.
    """
    if token:
        return held(token)
    if not request.user.is_authenticated:
        raise AuthenticationRequired
    return own(get_caller(request))
