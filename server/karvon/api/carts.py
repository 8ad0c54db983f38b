"""Carts at every door: whose cart a request means, and telling the client which one it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny
from karvon.carts import services
from karvon.carts.errors import CartNotFound
from karvon.carts.owner import CartOwner
from karvon.carts.services import Cart
from karvon.carts.store import time_to_live

HEADER = "X-Cart-ID"
COOKIE = "cart_id"
CART_ID = OpenApiParameter(
    HEADER, OpenApiTypes.UUID, OpenApiParameter.HEADER, description="A guest's cart; customers need none."
)


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


def owner_at_checkout(request: Request) -> CartOwner:
    """Whose cart becomes an order. A guest's cart that a customer still carries is merged before."""
    asked = read_asked_cart(request)
    if asked.carried_id is not None:
        services.adopt_carried_cart(asked.owner, asked.carried_id)
    return asked.owner


def _parse(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


class CartEndpoint(APIView):
    """What all cart views share; each door says how it shows a cart."""

    permission_classes = [AllowAny]

    def body_of(self, request: Request, cart: Cart) -> dict[str, Any]:
        """The cart as this door shows it."""
        raise NotImplementedError

    def answer(self, request: Request, change: Callable[[CartOwner], Cart], *, code: int = 200) -> Response:
        """Run `change` for the asked cart. A customer's guest cart is merged before."""
        asked = read_asked_cart(request)
        if asked.carried_id is not None:
            services.adopt_carried_cart(asked.owner, asked.carried_id)
        try:
            cart = change(asked.owner)
        except CartNotFound:
            if not asked.is_remembered:
                raise
            # the cookie of somebody who has logged out
            cart = change(CartOwner())
        return self.respond(request, cart, code=code)

    def respond(self, request: Request, cart: Cart, *, code: int = 200) -> Response:
        """The cart, and for guests the cookie that names it."""
        response = Response(self.body_of(request, cart), status=code)
        if cart.owner.is_guest and cart.snapshot is not None:
            response.set_cookie(
                COOKIE,
                str(cart.snapshot.cart_id),
                max_age=int(time_to_live().total_seconds()),
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        elif COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response
