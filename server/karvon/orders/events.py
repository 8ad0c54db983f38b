"""What this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class OrderPlaced(DomainEvent):
    """An order was made; its goods are taken or reserved."""

    TYPE: ClassVar[str] = "orders.order_placed"

    order_id: int


@dataclass(frozen=True)
class OrderConfirmed(DomainEvent):
    """The order stands: it is paid, or paid on delivery."""

    TYPE: ClassVar[str] = "orders.order_confirmed"

    order_id: int


@dataclass(frozen=True)
class OrderCancelled(DomainEvent):
    """Every part of the order was cancelled or rejected."""

    TYPE: ClassVar[str] = "orders.order_cancelled"

    order_id: int


@dataclass(frozen=True)
class OrderExpired(DomainEvent):
    """The order was not paid in time and is cancelled."""

    TYPE: ClassVar[str] = "orders.order_expired"

    order_id: int


@dataclass(frozen=True)
class FulfilmentChanged(DomainEvent):
    """A part of an order took a step."""

    TYPE: ClassVar[str] = "orders.fulfilment_changed"

    order_id: int
    fulfilment_id: int
    merchant_id: int
    from_state: str
    to_state: str


@dataclass(frozen=True)
class AmountsChanged(DomainEvent):
    """What is owed or was paid for an order changed without a step: money was booked by hand, units were called off."""

    TYPE: ClassVar[str] = "orders.amounts_changed"

    order_id: int


@dataclass(frozen=True)
class MoneyMoved(DomainEvent):
    """Money of one part of an order: it was paid, some of it was called off, or given back to the customer.

    Amounts are decimal strings of what moved with this event, never totals, so that events may arrive in any order:
    `amount` is the customer's money, the others are what it is made of (`orders.sales.Sale`; all "0" in a refund). `at` is ISO 8601.
    `is_merchants`: the merchant holds the money itself, from the door or from its own account with a provider.
    """

    TYPE: ClassVar[str] = "orders.money_moved"

    order_id: int
    fulfilment_id: int
    merchant_id: int
    kind: Literal["paid", "called_off", "refunded"]
    method: str
    currency: str
    at: str
    amount: str
    goods: str = "0"
    discount: str = "0"
    delivery: str = "0"
    promotion: str = "0"
    commission: str = "0"
    is_merchants: bool = False
