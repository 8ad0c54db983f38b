from __future__ import annotations

from itertools import product

import pytest
from django.db import transaction

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel.errors import InvalidTransition, PermissionRefused
from karvon.orders.models import FulfilmentFlow, FulfilmentState
from karvon.orders.services import transition_fulfilment
from karvon.orders.states import MACHINES, derive_state
from karvon.orders.tests.factories import make_order, part_of, put_at

ROADS = {
    "food_delivery": ["pending", "confirmed", "preparing", "ready", "out_for_delivery", "delivered"],
    "pickup": ["pending", "confirmed", "preparing", "ready", "delivered"],
    "retail": ["pending", "confirmed", "packed", "shipped", "delivered"],
}
ACTORS = ["customer", "merchant", "staff", "system", "late_payment"]
SHOP = {"merchant", "staff"}


def expected(flow: str, here: str, there: str) -> set[str] | None:
    """The rules in words, apart from the tables; None where there is no such step."""
    road = ROADS[flow]
    if (here, there) == ("cancelled", "pending"):
        return {"late_payment"}
    if here not in road:
        return None
    place = road.index(here)
    if there in road and road.index(there) == place + 1:
        return {"system"} if here == "pending" else SHOP
    if there == "cancelled" and here != "delivered":
        return set(ACTORS) - {"late_payment"} if here in ("pending", "confirmed") else SHOP
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


class _Undo(Exception):
    pass


def outcome_of(part, here, to, actor):
    """What the service does with a part in a state: None when it takes the step."""
    try:
        with transaction.atomic():
            put_at(part, here)
            transition_fulfilment(fulfilment_id=part.pk, to=to, actor=actor)
            part.refresh_from_db()
            assert part.state == to
            raise _Undo
    except _Undo:
        return None
    except (InvalidTransition, PermissionRefused) as error:
        return type(error)


@pytest.mark.django_db
@pytest.mark.parametrize("flow", FulfilmentFlow.values)
@pytest.mark.parametrize("role", ["merchant", "staff", "system"])
def test_the_services_do_what_the_tables_say(flow, role):
    variant = make_variant(units=5)
    waiting = make_order((variant, 1), payment_method="payme")
    going = make_order((variant, 1))
    for order in (waiting, going):
        order.fulfilments.update(flow=flow)
    actor = {"merchant": variant.merchant.owner, "staff": make_user(role=Role.STAFF), "system": None}[role]

    steps = list(MACHINES[flow].transitions)
    # every step that exists, and two that do not: standing still, and back to the beginning
    steps += [(here, to) for here in MACHINES[flow].states for to in {here, "pending"}]
    for here, to in steps:
        allowed = expected(flow, here, to)
        wanted = InvalidTransition if allowed is None else None if role in allowed else PermissionRefused
        part = part_of(waiting if here == "pending" else going)
        assert outcome_of(part, here, to, actor) is wanted, (flow, here, to, role)


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
