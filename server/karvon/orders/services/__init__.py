"""Every write of the order book."""

from karvon.orders.services.cancelling import cancel_lines, cancel_order, withdraw_order
from karvon.orders.services.judging import judge_payment
from karvon.orders.services.memberships import recompute_memberships
from karvon.orders.services.paying import confirm_payment, expire_unpaid_orders
from karvon.orders.services.placing import PlacedOrder, PlaceOrder, place_order, place_order_of
from karvon.orders.services.refunding import record_refund
from karvon.orders.services.reordering import reorder
from karvon.orders.services.reviving import (
    extend_deadline,
    hold_sellers_open,
    revive_order,
    shorten_deadline,
    time_to_pay,
)
from karvon.orders.services.stepping import advance_order, transition_fulfilment
from karvon.orders.services.storefront import order_at_store
from karvon.orders.services.withdrawing import delete_unordered_product

__all__ = [
    "PlaceOrder",
    "PlacedOrder",
    "advance_order",
    "cancel_lines",
    "cancel_order",
    "confirm_payment",
    "delete_unordered_product",
    "expire_unpaid_orders",
    "extend_deadline",
    "hold_sellers_open",
    "judge_payment",
    "order_at_store",
    "place_order",
    "place_order_of",
    "recompute_memberships",
    "record_refund",
    "reorder",
    "revive_order",
    "shorten_deadline",
    "time_to_pay",
    "transition_fulfilment",
    "withdraw_order",
]
