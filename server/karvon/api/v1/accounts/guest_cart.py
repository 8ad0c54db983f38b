"""A guest who logs in keeps what was in the cart."""

from __future__ import annotations

from uuid import UUID

import structlog
from rest_framework.request import Request

from karvon.accounts.models import User
from karvon.carts.services import merge_carts
from karvon.kernel.errors import DependencyDown, LockTimeout

CART_HEADER = "X-Cart-ID"
CART_COOKIE = "cart_id"

logger = structlog.get_logger(__name__)


def adopt_guest_cart(request: Request, user: User) -> None:
    """Merges the cart the client names into the person's. Nobody is kept from logging in by a cart: while the
    cart store is down the guest's cart simply stays one."""
    named = request.headers.get(CART_HEADER) or request.COOKIES.get(CART_COOKIE)
    if not named:
        return
    try:
        cart_id = UUID(named)
    except ValueError:
        return
    try:
        merge_carts(guest_cart_id=cart_id, user=user)
    except (DependencyDown, LockTimeout) as error:
        logger.warning("guest_cart_left_behind", user_id=user.pk, reason=error.code)
