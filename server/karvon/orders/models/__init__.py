"""Orders: what was agreed, who hands over which part, and all that happened to it."""

from karvon.orders.models.fulfilment import Fulfilment, FulfilmentFlow, FulfilmentState, OrderLine
from karvon.orders.models.order import (
    ConfirmationMethod,
    DeliveryType,
    Order,
    OrderDiscount,
    OrderState,
    PaymentMethod,
    PaymentState,
    add_payment_method,
    list_payment_methods,
)
from karvon.orders.models.timeline import OrderEvent

__all__ = [
    "ConfirmationMethod",
    "DeliveryType",
    "Fulfilment",
    "FulfilmentFlow",
    "FulfilmentState",
    "Order",
    "OrderDiscount",
    "OrderEvent",
    "OrderLine",
    "OrderState",
    "PaymentMethod",
    "PaymentState",
    "add_payment_method",
    "list_payment_methods",
]
