"""Stock against a simple model: dictionaries of numbers. Rooms above extend it with what they do to stock."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from karvon.catalog.models import Variant, WindowRow
from karvon.inventory.errors import BelowPromises, NothingToReturn, OutOfStock
from karvon.inventory.models import StockLevel
from karvon.inventory.selectors import list_discrepancies
from karvon.inventory.services import (
    Demand,
    adjust_stock,
    commit_reservations,
    receive_stock,
    release_reservations,
    return_stock,
    take_stock,
    transfer_stock,
)
from karvon.inventory.tests.factories import make_product, make_variant
from karvon.merchants.models import Branch
from karvon.merchants.tests.factories import make_branch, make_merchant

Key = tuple[int, int]  # variant id, branch id

variants = st.integers(0, 2)
branches = st.integers(0, 1)
some = st.integers(1, 6)
baskets = st.lists(st.tuples(variants, branches, some), min_size=1, max_size=4)


@dataclass
class ModelOrder:
    """What an order holds."""

    state: str
    held: dict[Key, int] = field(default_factory=dict)


@contextmanager
def refused(error: type[Exception] | None):
    """The model says whether the service must refuse; a refusal leaves the database usable."""
    expected = nullcontext() if error is None else pytest.raises(error)
    with expected, transaction.atomic():
        yield


class StockMachine(RuleBasedStateMachine):
    """Three variants of two products at two branches; each example's transaction is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @initialize()
    def open_shop(self) -> None:
        merchant = make_merchant()
        self.branches: list[Branch] = [merchant.branches.get(), make_branch(merchant)]
        pair = make_product(merchant=merchant)
        self.variants: list[Variant] = [
            make_variant(product=pair),
            make_variant(product=pair),
            make_variant(merchant=merchant),
        ]
        self.on_hand: dict[Key, int] = {}
        self.orders: dict[int, ModelOrder] = {}
        self.numbers = count(1)

    def key(self, variant: int, branch: int) -> Key:
        return self.variants[variant].pk, self.branches[branch].pk

    def reserved(self, key: Key) -> int:
        return sum(order.held.get(key, 0) for order in self.orders.values() if order.state == "open")

    def available(self, key: Key) -> int:
        return self.on_hand.get(key, 0) - self.reserved(key)

    @rule(variant=variants, branch=branches, units=some)
    def receive(self, variant: int, branch: int, units: int) -> None:
        key = self.key(variant, branch)
        receive_stock(variant_id=key[0], branch_id=key[1], quantity=units, actor=None)
        self.on_hand[key] = self.on_hand.get(key, 0) + units

    @rule(variant=variants, branch=branches, units=st.integers(0, 10))
    def count_units(self, variant: int, branch: int, units: int) -> None:
        key = self.key(variant, branch)
        impossible = units < self.reserved(key)
        with refused(BelowPromises if impossible else None):
            adjust_stock(variant_id=key[0], branch_id=key[1], on_hand=units, actor=None)
        if not impossible:
            self.on_hand[key] = units

    @rule(variant=variants, source=branches, units=some)
    def transfer(self, variant: int, source: int, units: int) -> None:
        here, there = self.key(variant, source), self.key(variant, 1 - source)
        impossible = units > self.available(here)
        with refused(BelowPromises if impossible else None):
            transfer_stock(
                variant_id=here[0],
                from_branch_id=here[1],
                to_branch_id=there[1],
                quantity=units,
                actor=None,
            )
        if not impossible:
            self.on_hand[here] -= units
            self.on_hand[there] = self.on_hand.get(there, 0) + units

    @rule(basket=baskets, commit=st.booleans())
    def take(self, basket: list[tuple[int, int, int]], commit: bool) -> None:
        wanted: dict[Key, int] = {}
        for variant, branch, units in basket:
            key = self.key(variant, branch)
            wanted[key] = wanted.get(key, 0) + units
        impossible = any(units > self.available(key) for key, units in wanted.items())
        order_id = next(self.numbers)
        demands = [Demand(*self.key(variant, branch), units) for variant, branch, units in basket]
        with refused(OutOfStock if impossible else None):
            take_stock(order_id=order_id, demands=demands, commit=commit)
        if not impossible:
            self.remember_order(order_id, wanted, commit=commit)

    def remember_order(self, order_id: int, wanted: dict[Key, int], *, commit: bool) -> None:
        self.orders[order_id] = ModelOrder("committed" if commit else "open", wanted)
        if commit:
            for key, units in wanted.items():
                self.on_hand[key] -= units

    def pick_order(self, data: st.DataObject) -> int | None:
        return data.draw(st.sampled_from(sorted(self.orders))) if self.orders else None

    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        order_id = self.pick_order(data)
        if order_id is None:
            return
        commit_reservations(order_id)
        order = self.orders[order_id]
        if order.state == "open":
            order.state = "committed"
            for key, units in order.held.items():
                self.on_hand[key] -= units

    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        order_id = self.pick_order(data)
        if order_id is None:
            return
        release_reservations(order_id)
        if self.orders[order_id].state == "open":
            self.orders[order_id].state = "released"

    @rule(data=st.data())
    def return_all(self, data: st.DataObject) -> None:
        order_id = self.pick_order(data)
        if order_id is None:
            return
        return_stock(order_id)
        order = self.orders[order_id]
        if order.state != "released":
            self.give_back(order, dict(order.held))

    @rule(data=st.data(), units=some)
    def return_some(self, data: st.DataObject, units: int) -> None:
        order_id = self.pick_order(data)
        if order_id is None or not self.orders[order_id].held:
            return
        order = self.orders[order_id]
        key = data.draw(st.sampled_from(sorted(order.held)))
        impossible = order.state == "released" or units > order.held[key]
        with refused(NothingToReturn if impossible else None):
            return_stock(order_id, {key: units})
        if not impossible:
            self.give_back(order, {key: units})

    def give_back(self, order: ModelOrder, units_of: dict[Key, int]) -> None:
        for key, units in units_of.items():
            order.held[key] -= units
            if order.state == "committed":
                self.on_hand[key] += units

    @invariant()
    def levels_are_as_the_model_says(self) -> None:
        rows = StockLevel.objects.values_list("variant_id", "branch_id", "on_hand", "reserved")
        for variant_id, branch_id, on_hand, reserved in rows:
            key = (variant_id, branch_id)
            assert (on_hand, reserved) == (self.on_hand.get(key, 0), self.reserved(key))

    @invariant()
    def the_window_shows_the_sum(self) -> None:
        shown = sum(WindowRow.objects.values_list("quantity", flat=True))
        assert shown == sum(self.available(key) for key in self.on_hand)

    @invariant()
    def the_books_agree(self) -> None:
        assert list_discrepancies() == []
