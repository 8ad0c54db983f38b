"""Stock and carts together against the same simple model."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from karvon.accounts.tests.factories import make_user
from karvon.carts import services
from karvon.carts.errors import NotEnoughLeft
from karvon.carts.lines import line_id_of
from karvon.carts.owner import CartOwner
from karvon.carts.tests.factories import empty_redis
from karvon.inventory.services import Demand, take_stock
from karvon.inventory.tests.machine import StockMachine, refused, some, variants


class CartMachine(StockMachine):
    """One customer and one guest; the model of a cart is {variant id: units}."""

    @initialize()
    def begin_carts(self) -> None:
        empty_redis()
        self.user = make_user()
        self.owners = {"customer": CartOwner(user_id=self.user.pk), "guest": CartOwner()}
        self.carts: dict[str, dict[int, int]] = {"customer": {}, "guest": {}}

    def most(self, variant: int) -> int:
        return max(0, *(self.available(self.key(variant, branch)) for branch in (0, 1)))

    @rule(who=st.sampled_from(["customer", "guest"]), variant=variants, units=some)
    def add(self, who: str, variant: int, units: int) -> None:
        variant_id = self.variants[variant].pk
        known = self.carts[who].get(variant_id, 0)
        impossible = known + units > self.most(variant)
        with refused(NotEnoughLeft if impossible else None):
            cart = services.add_line(self.owners[who], variant_id=variant_id, quantity=units)
            self.owners[who] = cart.owner
        if not impossible:
            self.carts[who][variant_id] = known + units

    @rule(who=st.sampled_from(["customer", "guest"]), variant=variants, units=st.integers(0, 6))
    def set_units(self, who: str, variant: int, units: int) -> None:
        variant_id = self.variants[variant].pk
        if variant_id not in self.carts[who]:
            return
        impossible = units > self.most(variant)
        with refused(NotEnoughLeft if impossible else None):
            services.set_line_quantity(self.owners[who], line_id=line_id_of(variant_id, ()), quantity=units)
        if not impossible:
            self.carts[who][variant_id] = units
            if not units:
                del self.carts[who][variant_id]

    @rule()
    def log_in(self) -> None:
        guest_cart_id = self.owners["guest"].cart_id
        if guest_cart_id is None:
            return
        services.merge_carts(guest_cart_id, self.user)
        mine, brought = self.carts["customer"], self.carts["guest"]
        for variant in range(3):
            variant_id = self.variants[variant].pk
            if variant_id not in brought:
                continue
            most, known = self.most(variant), mine.get(variant_id, 0)
            units = max(known, min(known + brought[variant_id], most))
            if most == 0 and not known:
                units = brought[variant_id]
            mine[variant_id] = units
        self.owners["guest"] = CartOwner()
        self.carts["guest"] = {}

    @rule(commit=st.booleans())
    def order(self, commit: bool) -> None:
        owner = self.owners["customer"]
        quote = services.get_cart(owner).quote
        if quote is None or not quote.is_orderable:
            return
        taken = services.snapshot(owner)
        demands = [
            Demand(line.line.variant_id, line.branch.branch_id, line.line.quantity)
            for line in quote.lines
            if line.branch
        ]
        order_id = next(self.numbers)
        services.forget_checkpoint(taken.cart_id, taken.version)
        take_stock(order_id=order_id, demands=demands, commit=commit)
        services.forget(taken.cart_id, taken.version, taken.lines)
        held = {(demand.variant_id, demand.branch_id): demand.quantity for demand in demands}
        self.remember_order(order_id, held, commit=commit)
        self.carts["customer"] = {}

    @rule()
    def lose_redis(self) -> None:
        services.checkpoint_carts()
        empty_redis()

    @invariant()
    def carts_are_as_the_model_says(self) -> None:
        for who, expected in self.carts.items():
            quote = services.get_cart(self.owners[who]).quote
            lines = quote.lines if quote else ()
            assert {line.line.variant_id: line.line.quantity for line in lines} == expected

    @invariant()
    def what_can_be_ordered_is_there(self) -> None:
        for owner in self.owners.values():
            quote = services.get_cart(owner).quote
            for line in quote.lines if quote else ():
                if line.is_available:
                    assert line.branch is not None
                    key = (line.line.variant_id, line.branch.branch_id)
                    assert line.line.quantity <= self.available(key)


@pytest.mark.django_db
def test_stock_and_carts_against_a_simple_model():
    run_state_machine_as_test(
        CartMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
