"""Every change of carts."""

from karvon.carts.quoting import CartQuote, price_snapshot
from karvon.carts.services.assembling import NOT_KEPT, Pick, assemble_cart
from karvon.carts.services.choosing import apply_coupon, remove_coupon, set_delivery_type
from karvon.carts.services.keeping import checkpoint_carts, forget_expired_carts
from karvon.carts.services.merging import adopt_carried_cart, merge_carts
from karvon.carts.services.ordering import delete_cart, forget, forget_checkpoint, snapshot
from karvon.carts.services.shopping import (
    add_line,
    clear_cart,
    remove_line,
    remove_variant,
    set_line_quantity,
)
from karvon.carts.services.showing import Cart, create_cart, get_cart, get_known_cart

__all__ = [
    "NOT_KEPT",
    "Cart",
    "CartQuote",
    "Pick",
    "add_line",
    "adopt_carried_cart",
    "apply_coupon",
    "assemble_cart",
    "checkpoint_carts",
    "clear_cart",
    "create_cart",
    "delete_cart",
    "forget",
    "forget_checkpoint",
    "forget_expired_carts",
    "get_cart",
    "get_known_cart",
    "merge_carts",
    "price_snapshot",
    "remove_coupon",
    "remove_line",
    "remove_variant",
    "set_delivery_type",
    "set_line_quantity",
    "snapshot",
]
