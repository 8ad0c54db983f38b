"""A guest who logs in keeps what was in the cart."""

from __future__ import annotations

import structlog
from rest_framework.request import Request

from karvon.accounts.models import User
from karvon.api.v1.carts.requests import read_asked_cart
from karvon.carts.services import merge_carts
from karvon.kernel.errors import DomainError

logger = structlog.get_logger(__name__)


def adopt_guest_cart(request: Request, user: User) -> None:
    """Merges the cart the client names into the person's. Nobody is kept from logging in by a cart: while the
    cart store is down, the guest's cart stays one and is taken over at the next visit to the cart."""
    asked = read_asked_cart(request)
    cart_id = asked.owner.cart_id or asked.carried_id
    if cart_id is None:
        return
    try:
        merge_carts(cart_id, user)
    except DomainError as error:
        logger.warning("guest_cart_left_behind", user_id=user.pk, reason=error.code)
