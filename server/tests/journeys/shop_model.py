"""What a shop is, in a few dictionaries: the model that `test_shop_model` holds the real one against."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

Key = tuple[int, int]  # variant id, branch id

ROAD = ["pending", "confirmed", "packed", "shipped", "delivered", "returned"]
CALLED_OFF = {"cancelled", "rejected"}
UNDONE = {*CALLED_OFF, "returned"}
ENDED = {*UNDONE, "delivered"}
ZERO = Decimal(0)


@dataclass
class Line:
    """Units of one variant, and what was agreed for all of them."""

    units: int
    total: Decimal
    called_off: int = 0

    @property
    def left(self) -> int:
        return self.units - self.called_off

    @property
    def owed(self) -> Decimal:
        return (self.total * self.left / self.units).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Part:
    merchant_id: int
    branch_id: int
    fee: Decimal
    state: str
    lines: dict[int, Line] = field(default_factory=dict)  # by variant id
    paid: Decimal = ZERO

    @property
    def owed(self) -> Decimal:
        return ZERO if self.state in UNDONE else sum((each.owed for each in self.lines.values()), self.fee)

    @property
    def units(self) -> dict[Key, int]:
        return {(variant, self.branch_id): line.left for variant, line in self.lines.items()}


@dataclass
class Order:
    parts: dict[int, Part]  # by fulfilment id
    is_guests: bool
    token: str
    is_expired: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.state == "pending"

    @property
    def state(self) -> str:
        states = [part.state for part in self.parts.values()]
        going = [state for state in states if state not in CALLED_OFF]
        if going:
            return min(going, key=ROAD.index)
        return "cancelled" if "cancelled" in states else "rejected"

    @property
    def payment(self) -> str:
        parts = self.parts.values()
        if self.is_expired:
            return "expired"
        if any(part.paid > part.owed for part in parts):
            return "refund_due"
        if all(part.state in UNDONE for part in parts):
            return "failed"
        return "pending" if any(part.paid < part.owed for part in parts) else "paid"


@dataclass
class Shop:
    """All that is known: units on hand, carts, orders."""

    on_hand: dict[Key, int] = field(default_factory=dict)
    carts: dict[str, dict[int, int]] = field(default_factory=lambda: {"customer": {}, "guest": {}})
    orders: dict[int, Order] = field(default_factory=dict)

    def reserved(self, key: Key) -> int:
        waiting = [order for order in self.orders.values() if order.is_waiting]
        return sum(part.units.get(key, 0) for order in waiting for part in order.parts.values())

    def available(self, key: Key) -> int:
        return self.on_hand.get(key, 0) - self.reserved(key)

    def move(self, units: dict[Key, int], sign: int) -> None:
        for key, count in units.items():
            self.on_hand[key] = self.on_hand.get(key, 0) + sign * count

    def confirm(self, order: Order) -> None:
        for part in order.parts.values():
            if order.is_waiting or part.state == "pending":
                part.state = "confirmed"
                self.move(part.units, -1)

    def pay(self, order: Order) -> None:
        for part in order.parts.values():
            part.paid = max(part.paid, part.owed)

    def end(self, order: Order, parts: list[Part], state: str) -> None:
        """Call parts off or take them back; what waits for its payment goes whole and was only reserved."""
        if order.is_waiting:
            for part in order.parts.values():
                part.state = state
            return
        for part in parts:
            part.state = state
            self.move(part.units, +1)
