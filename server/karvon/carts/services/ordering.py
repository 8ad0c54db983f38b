"""What checkout needs of carts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from karvon.carts import checkpoints, store
from karvon.carts.errors import CartNotFound
from karvon.carts.lines import CartLine, CartSnapshot
from karvon.carts.owner import CartOwner
from karvon.kernel.db import transactional


def snapshot(owner: CartOwner) -> CartSnapshot:
    """The cart as it is now. Raises CartNotFound when there is none, DependencyDown when Redis does not
    answer.
    """
    found = store.read(owner).snapshot
    if found is None:
        raise CartNotFound
    return found


def delete_cart(owner: CartOwner) -> None:
    """Throw a cart away, its copy too. Raises CartNotFound when there is none, DependencyDown."""
    found = snapshot(owner)
    checkpoints.consume_checkpoint(found.cart_id, checkpoints.EVERY_VERSION)
    while not store.forget(found.cart_id, found.version, ()):
        found = snapshot(owner)


def forget(cart_id: UUID, version: int, lines: Sequence[CartLine] = ()) -> bool:
    """Remove the cart that became an order, after the order was committed.

    A cart that was changed since `version` stays; given the ordered `lines`, it stays without them. Answers
    whether it is gone. Doing it again does nothing. Raises DependencyDown: the order stands, and the cart
    version cannot be ordered again.
    """
    return store.forget(cart_id, version, lines)


@transactional
def forget_checkpoint(cart_id: UUID, version: int | None = None) -> None:
    """In the order's transaction: no copy of this cart, up to `version` (None: any), may come back. One
    query.
    """
    checkpoints.consume_checkpoint(cart_id, checkpoints.EVERY_VERSION if version is None else version)
