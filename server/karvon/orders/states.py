"""The roads through the states, one table per flow. `docs/orders.md` is drawn from these tables."""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType

from karvon.kernel.states import StateMachine, Transition
from karvon.orders.models import FulfilmentFlow, FulfilmentState

S = FulfilmentState

CUSTOMER, MERCHANT, STAFF, SYSTEM = "customer", "merchant", "staff", "system"
LATE_PAYMENT = "late_payment"  # money that came after the order had expired
_SHOP = frozenset({MERCHANT, STAFF})
_ALL = frozenset({CUSTOMER, MERCHANT, STAFF, SYSTEM})
_PAYMENT = frozenset({SYSTEM})

TERMINAL = frozenset({S.DELIVERED, S.CANCELLED, S.REJECTED, S.RETURNED})
CALLED_OFF = frozenset({S.CANCELLED, S.REJECTED})
HANDED_OVER = frozenset({S.DELIVERED, S.RETURNED})
UNDONE = CALLED_OFF | {S.RETURNED}


def _machine(flow: str, road: tuple[str, ...], free_until: str) -> StateMachine:
    """A road from pending to delivered: the payment takes the first step, the shop the others. Customers may cancel before
    `free_until`, the shop until it is handed over.
    """
    table: dict[tuple[str, str], Transition] = {}
    for position, (here, there) in enumerate(pairwise(road)):
        table[(here, there)] = Transition(_PAYMENT if position == 0 else _SHOP)
    for here in road[:-1]:
        customer_may = road.index(here) < road.index(free_until)
        table[(here, S.CANCELLED)] = Transition(_ALL if customer_may else _SHOP)
    for here in (S.PENDING, S.CONFIRMED):
        table[(here, S.REJECTED)] = Transition(_SHOP)
    # an expired order comes back by its money and nothing else: `orders.services.reviving` takes its goods anew
    table[(S.CANCELLED, S.PENDING)] = Transition(frozenset({LATE_PAYMENT}))
    for here in road:
        if here in (S.SHIPPED, S.DELIVERED):
            table[(here, S.RETURNED)] = Transition(_SHOP)
    return StateMachine(flow, S.PENDING, MappingProxyType(table))


MACHINES = MappingProxyType(
    {
        FulfilmentFlow.FOOD_DELIVERY: _machine(
            "food_delivery",
            (S.PENDING, S.CONFIRMED, S.PREPARING, S.READY, S.OUT_FOR_DELIVERY, S.DELIVERED),
            S.PREPARING,
        ),
        FulfilmentFlow.PICKUP: _machine(
            "pickup", (S.PENDING, S.CONFIRMED, S.PREPARING, S.READY, S.DELIVERED), S.PREPARING
        ),
        FulfilmentFlow.RETAIL: _machine(
            "retail", (S.PENDING, S.CONFIRMED, S.PACKED, S.SHIPPED, S.DELIVERED), S.PACKED
        ),
    }
)

# how far along, for the state of an order whose parts are at different places
PROGRESS = MappingProxyType(
    {
        S.PENDING: 0, S.CONFIRMED: 1, S.PREPARING: 2, S.PACKED: 3, S.READY: 3, S.SHIPPED: 4, S.OUT_FOR_DELIVERY: 4,
        S.DELIVERED: 5, S.RETURNED: 6,
    }
)  # fmt: skip


def derive_state(states: list[str]) -> str:
    """The order's state from its fulfilments': the least advanced of those that go on; if none does, how they ended."""
    going = [state for state in states if state not in CALLED_OFF]
    if going:
        return min(going, key=lambda state: PROGRESS[S(state)])
    return S.CANCELLED if S.CANCELLED in states else S.REJECTED
