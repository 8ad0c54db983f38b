from __future__ import annotations

from itertools import product

import pytest

from karvon.kernel.errors import InvalidTransition, PermissionRefused
from karvon.orders.models import FulfilmentFlow, FulfilmentState
from karvon.orders.states import MACHINES, derive_state

ROADS = {
    "food_delivery": ["pending", "confirmed", "preparing", "ready", "out_for_delivery", "delivered"],
    "pickup": ["pending", "confirmed", "preparing", "ready", "delivered"],
    "retail": ["pending", "confirmed", "packed", "shipped", "delivered"],
}
ACTORS = ["customer", "merchant", "staff", "system"]
SHOP = {"merchant", "staff"}


def expected(flow: str, here: str, there: str) -> set[str] | None:
    """The rules in words, apart from the tables; None where there is no such step."""
    road = ROADS[flow]
    if here not in road:
        return None
    place = road.index(here)
    if there in road and road.index(there) == place + 1:
        return {"staff", "system"} if here == "pending" else SHOP
    if there == "cancelled" and here != "delivered":
        return set(ACTORS) if here in ("pending", "confirmed") else SHOP
    if there == "rejected" and here in ("pending", "confirmed"):
        return SHOP
    if there == "returned" and here in ("shipped", "delivered"):
        return SHOP
    return None


@pytest.mark.parametrize("flow", FulfilmentFlow.values)
@pytest.mark.parametrize("actor", ACTORS)
def test_every_pair_of_states(flow, actor):
    for here, there in product(FulfilmentState.values, repeat=2):
        allowed = expected(flow, here, there)
        outcome = None
        try:
            MACHINES[flow].check(here, there, actor)
        except (InvalidTransition, PermissionRefused) as error:
            outcome = type(error)
        wanted = InvalidTransition if allowed is None else None if actor in allowed else PermissionRefused
        assert outcome is wanted, (flow, here, there, actor)


@pytest.mark.parametrize(
    ("states", "derived"),
    [
        (["pending"], "pending"),
        (["confirmed", "delivered"], "confirmed"),
        (["cancelled", "delivered"], "delivered"),
        (["rejected", "shipped"], "shipped"),
        (["cancelled", "rejected"], "cancelled"),
        (["rejected", "rejected"], "rejected"),
        (["returned", "delivered"], "delivered"),
        (["returned", "cancelled"], "returned"),
    ],
)
def test_an_orders_state_follows_its_parts(states, derived):
    assert derive_state(states) == derived
