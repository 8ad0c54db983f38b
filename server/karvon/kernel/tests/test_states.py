from __future__ import annotations

from itertools import product

import pytest

from karvon.kernel.errors import InvalidTransition, PermissionRefused
from karvon.kernel.states import StateMachine, Transition

BOTH = Transition(frozenset({"shop", "customer"}))
SHOP = Transition(frozenset({"shop"}))
TABLE = {
    ("new", "paid"): BOTH,
    ("paid", "sent"): SHOP,
    ("new", "cancelled"): BOTH,
    ("paid", "cancelled"): SHOP,
}
MACHINE = StateMachine("parcel", "new", TABLE)


def test_every_pair_is_either_in_the_table_or_refused():
    for here, there in product(MACHINE.states, repeat=2):
        if (here, there) in TABLE:
            MACHINE.check(here, there, "shop")
        else:
            with pytest.raises(InvalidTransition) as refusal:
                MACHINE.check(here, there, "shop")
            assert refusal.value.details == {"status": [f"{here} → {there}"]}


def test_a_step_of_the_table_is_refused_to_those_whose_it_is_not():
    MACHINE.check("new", "cancelled", "customer")
    with pytest.raises(PermissionRefused):
        MACHINE.check("paid", "cancelled", "customer")


@pytest.mark.parametrize("state", ["", "lost", "NEW"])
def test_unknown_states_lead_nowhere(state):
    with pytest.raises(InvalidTransition):
        MACHINE.check(state, "paid", "shop")
    with pytest.raises(InvalidTransition):
        MACHINE.check("new", state, "shop")
    assert MACHINE.targets(state) == []


def test_targets_come_in_the_order_of_the_table_and_by_actor():
    assert MACHINE.states == ["new", "paid", "sent", "cancelled"]
    assert MACHINE.targets("new") == ["paid", "cancelled"]
    assert MACHINE.targets("paid") == ["sent", "cancelled"]
    assert MACHINE.targets("paid", "customer") == []
    assert MACHINE.targets("sent") == []


def test_the_picture_shows_every_step_the_beginning_and_the_ends():
    assert MACHINE.to_mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> new",
        "    new --> paid",
        "    paid --> sent",
        "    new --> cancelled",
        "    paid --> cancelled",
        "    sent --> [*]",
        "    cancelled --> [*]",
    ]
