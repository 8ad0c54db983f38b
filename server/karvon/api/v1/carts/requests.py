"""Whose cart a request means."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rest_framework.request import Request

from karvon.carts.owner import CartOwner

HEADER = "X-Cart-ID"
COOKIE = "cart_id"


@dataclass(frozen=True, slots=True)
class AskedCart:
    """`owner` is a customer or a guest; `carried_id` is a guest cart that a customer brings along.

    `is_remembered`: the id came from the cookie, which may be left over from somebody who was logged in.
    """

    owner: CartOwner
    carried_id: UUID | None
    is_remembered: bool


def read_asked_cart(request: Request) -> AskedCart:
    """The header goes before the cookie. What is no UUID counts as nothing."""
    named = request.headers.get(HEADER)
    cart_id = _parse(named if named is not None else request.COOKIES.get(COOKIE))
    if request.user.is_authenticated:
        return AskedCart(CartOwner(user_id=request.user.pk), cart_id, named is None)
    return AskedCart(CartOwner(cart_id=cart_id), None, named is None)


def _parse(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
