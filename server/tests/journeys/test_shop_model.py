"""Stock, carts and orders together, walked at random through their services and compared with a simple model."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.test import TestCase
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.carts import services as carts
from karvon.carts.errors import CartNotFound, NotEnoughLeft
from karvon.carts.lines import line_id_of
from karvon.carts.owner import CartOwner
from karvon.carts.tests.factories import empty_redis
from karvon.inventory.errors import BelowPromises
from karvon.inventory.models import StockLevel
from karvon.inventory.services import adjust_stock, receive_stock, transfer_stock
from karvon.inventory.tests.factories import make_product, make_variant
from karvon.inventory.tests.machine import refused
from karvon.kernel import clock
from karvon.kernel.errors import InvalidTransition, PermissionRefused
from karvon.merchants.models import Branch
from karvon.merchants.tests.factories import make_branch, make_merchant
from karvon.orders import models
from karvon.orders.books import verify_books
from karvon.orders.errors import (
    CartIsEmpty,
    LinesUnavailable,
    NothingToCancel,
    NotPayable,
    OrderNotFound,
    PriceChanged,
)
from karvon.orders.services import (
    cancel_lines,
    cancel_order,
    confirm_payment,
    expire_unpaid_orders,
    place_order,
    transition_fulfilment,
)
from karvon.orders.tests.factories import make_command
from karvon.promotions.tests.factories import make_coupon
from tests.journeys.shop_model import ENDED, ROAD, Key, Line, Order, Part, Shop

variants = st.integers(0, 2)
some = st.integers(1, 6)
places = st.integers(0, 1)
shoppers = st.sampled_from(["customer", "guest"])
methods = st.sampled_from(["cash", "payme"])


class ShopMachine(RuleBasedStateMachine):
    """Two merchants, one with two branches, three variants, a customer and a guest. Rolled back after each walk."""

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @initialize(
        units=st.lists(st.integers(6, 20), min_size=5, max_size=5), methods=st.tuples(methods, methods)
    )
    def open_shop(self, units: list[int], methods: tuple[str, str]) -> None:
        empty_redis()
        self.shop = Shop()
        self.merchants = [make_merchant(), make_merchant()]
        one, two = self.merchants
        self.branches = {
            one.pk: [one.branches.get(), make_branch(one, delivery_fee="3000.50")],
            two.pk: [two.branches.get()],
        }
        Branch.objects.filter(is_default=True).update(delivery_fee="5000")
        pair = make_product(merchant=one)
        self.variants = [
            make_variant(product=pair, price="9999.99"),
            make_variant(product=pair, price="333.33"),
            make_variant(merchant=two, price="10000"),
        ]
        self.user, self.staff = make_user(), make_user(role=Role.STAFF)
        self.coupon = make_coupon(value="12.5").code
        self.owners = {"customer": CartOwner(user_id=self.user.pk), "guest": CartOwner()}
        everywhere = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]
        for (variant, place), count in zip(everywhere, units, strict=True):
            self.receive(variant, place, count)
        self.buy("customer", methods[0], [(0, 2), (2, 3)])
        self.buy("guest", methods[1], [(1, 3), (2, 2)])

    # -- finding things

    def places_of(self, variant: int) -> list[Branch]:
        return self.branches[self.variants[variant].merchant_id]

    def key(self, variant: int, place: int) -> Key:
        places = self.places_of(variant)
        return self.variants[variant].pk, places[place % len(places)].pk

    def most(self, variant: int) -> int:
        return max(self.shop.available(self.key(variant, place)) for place in (0, 1))

    def pick_order(self, data: st.DataObject) -> tuple[int, Order]:
        order_id = data.draw(st.sampled_from(sorted(self.shop.orders)))
        return order_id, self.shop.orders[order_id]

    def pick_part(self, data: st.DataObject) -> tuple[Order, int, Part]:
        """Mostly one that goes on: what has ended refuses everything, and there is ever more of it."""
        everywhere = [
            (order, pk, part) for order in self.shop.orders.values() for pk, part in order.parts.items()
        ]
        going = [each for each in everywhere if each[2].state not in ENDED]
        pool = going if going and data.draw(st.integers(0, 3)) else everywhere
        return pool[data.draw(st.integers(0, len(pool) - 1))]

    def owner_of(self, part: Part):
        return next(each for each in self.merchants if each.pk == part.merchant_id).owner

    def has_orders(self) -> bool:
        return bool(self.shop.orders)

    # -- stock

    @rule(what=st.sampled_from(["receive", "count", "transfer"]), variant=variants, place=places, units=some)
    def change_stock(self, what: str, variant: int, place: int, units: int) -> None:
        """One rule for all, so that orders have their share of the steps."""
        if what == "receive":
            self.receive(variant, place, units)
        elif what == "count":
            self.count_units(variant, place, units - 1)
        elif len(self.places_of(variant)) > 1:
            self.transfer(variant, place, units)

    def receive(self, variant: int, place: int, units: int) -> None:
        key = self.key(variant, place)
        receive_stock(variant_id=key[0], branch_id=key[1], quantity=units, actor=None)
        self.shop.move({key: units}, +1)

    def count_units(self, variant: int, place: int, units: int) -> None:
        key = self.key(variant, place)
        impossible = units < self.shop.reserved(key)
        with refused(BelowPromises if impossible else None):
            adjust_stock(variant_id=key[0], branch_id=key[1], on_hand=units, actor=None)
        if not impossible:
            self.shop.on_hand[key] = units

    def transfer(self, variant: int, place: int, units: int) -> None:
        here, there = self.key(variant, place), self.key(variant, 1 - place)
        impossible = units > self.shop.available(here)
        with refused(BelowPromises if impossible else None):
            transfer_stock(
                variant_id=here[0], from_branch_id=here[1], to_branch_id=there[1], quantity=units, actor=None
            )
        if not impossible:
            self.shop.move({here: units}, -1)
            self.shop.move({there: units}, +1)

    # -- carts

    @rule(what=st.sampled_from(["add", "set", "coupon"]), who=shoppers, variant=variants, units=some)
    def change_cart(self, what: str, who: str, variant: int, units: int) -> None:
        if what == "add":
            self.add(who, variant, units)
        elif what == "set":
            self.set_units(who, variant, units - 1)
        elif self.shop.carts["customer"]:
            carts.apply_coupon(self.owners["customer"], code=self.coupon)

    def add(self, who: str, variant: int, units: int) -> None:
        variant_id = self.variants[variant].pk
        known = self.shop.carts[who].get(variant_id, 0)
        impossible = known + units > self.most(variant)
        with refused(NotEnoughLeft if impossible else None):
            self.owners[who] = carts.add_line(self.owners[who], variant_id=variant_id, quantity=units).owner
        if not impossible:
            self.shop.carts[who][variant_id] = known + units

    def set_units(self, who: str, variant: int, units: int) -> None:
        variant_id = self.variants[variant].pk
        if variant_id not in self.shop.carts[who]:
            return
        impossible = units > self.most(variant)
        with refused(NotEnoughLeft if impossible else None):
            carts.set_line_quantity(self.owners[who], line_id=line_id_of(variant_id, ()), quantity=units)
        if not impossible:
            self.shop.carts[who][variant_id] = units
            if not units:
                del self.shop.carts[who][variant_id]

    @rule()
    @precondition(lambda self: self.owners["guest"].cart_id is not None)
    def log_in(self) -> None:
        carts.merge_carts(self.owners["guest"].cart_id, self.user)
        mine, brought = self.shop.carts["customer"], self.shop.carts["guest"]
        for place, variant in enumerate(self.variants):
            if variant.pk not in brought:
                continue
            most, known = self.most(place), mine.get(variant.pk, 0)
            mine[variant.pk] = max(known, min(known + brought[variant.pk], most))
            if most == 0 and not known:  # stays, and says that it is sold out
                mine[variant.pk] = brought[variant.pk]
        self.owners["guest"] = CartOwner()
        self.shop.carts["guest"] = {}

    # -- checkout

    @rule(who=shoppers, method=methods, basket=st.lists(st.tuples(variants, some), min_size=1, max_size=3))
    def buy(self, who: str, method: str, basket: list[tuple[int, int]]) -> None:
        """A cart and its checkout in one step, so that a walk has several orders."""
        for variant, units in basket:
            self.add(who, variant, units)
        self.check_out(who, method, knows_total=True)

    @rule(who=shoppers, method=methods, knows_total=st.booleans())
    def check_out(self, who: str, method: str, knows_total: bool) -> None:
        cart = self.shop.carts[who]
        error = self.refusal_of(who, knows_total=knows_total)
        quote = carts.get_cart(self.owners[who]).quote
        total = quote.priced.total if quote else Decimal(0)
        command = make_command(
            owner=self.owners[who],
            customer=self.user if who == "customer" else None,
            payment_method=method,
            expected_total=total if knows_total else total + 1,
        )
        with refused(error), TestCase.captureOnCommitCallbacks(execute=True):
            placed = place_order(command=command).order
        if error is None:
            self.remember(placed, cart, total, is_paid_later=method == "payme", is_guests=who == "guest")
            self.shop.carts[who] = {}
            if who == "guest":
                self.owners[who] = CartOwner()

    def refusal_of(self, who: str, *, knows_total: bool) -> type[Exception] | None:
        cart = self.shop.carts[who]
        if carts.get_cart(self.owners[who]).snapshot is None:
            assert not cart
            return CartNotFound
        if not cart:
            return CartIsEmpty
        if any(cart.get(each.pk, 0) > self.most(place) for place, each in enumerate(self.variants)):
            return LinesUnavailable
        return None if knows_total else PriceChanged

    def remember(
        self, placed, cart: dict[int, int], total: Decimal, *, is_paid_later: bool, is_guests: bool
    ) -> None:
        """Which branch hands over what is the shop's choice; that it could is checked here."""
        parts = {
            row.pk: Part(row.merchant_id, row.branch_id, row.delivery_fee, "pending")
            for row in models.Fulfilment.objects.filter(order=placed)
        }
        for row in models.OrderLine.objects.filter(order=placed):
            part = parts[row.fulfilment_id]
            part.lines[row.variant_id] = Line(row.quantity, row.total)
            assert row.quantity <= self.shop.available((row.variant_id, part.branch_id))
        ordered = {key[0]: units for part in parts.values() for key, units in part.units.items()}
        assert ordered == cart
        assert placed.total == total == sum(part.owed for part in parts.values())
        order = self.shop.orders[placed.pk] = Order(parts, is_guests=is_guests, token=placed.token)
        if not is_paid_later:
            self.shop.confirm(order)

    # -- paying

    @rule(data=st.data())
    @precondition(has_orders)
    def pay(self, data: st.DataObject) -> None:
        order_id, order = self.pick_order(data)
        impossible = order.payment in ("failed", "expired")
        with refused(NotPayable if impossible else None):
            confirm_payment(order_id=order_id, actor=self.staff)
        if not impossible:
            if order.is_waiting:
                self.shop.confirm(order)
            self.shop.pay(order)

    @rule(data=st.data())
    @precondition(has_orders)
    def sweep(self, data: st.DataObject) -> None:
        """The deadline of the oldest orders passes."""
        order_id, _order = self.pick_order(data)
        deadline = (
            models.Order.objects.values_list("payment_deadline", flat=True).get(pk=order_id) or clock.now()
        )
        due = models.Order.objects.filter(payment_deadline__lte=deadline).values_list("pk", flat=True)
        waiting = [self.shop.orders[pk] for pk in due]
        assert all(order.is_waiting for order in waiting)
        assert expire_unpaid_orders(now=deadline) == len(waiting)
        for order in waiting:
            self.shop.end(order, [], "cancelled")
            order.is_expired = True

    # -- what becomes of orders

    @rule(data=st.data(), who=st.sampled_from(["buyer", "staff", "first merchant", "second merchant"]))
    @precondition(has_orders)
    def cancel(self, data: st.DataObject, who: str) -> None:
        order_id, order = self.pick_order(data)
        mine, actor, is_holder = list(order.parts.values()), self.staff, False
        if who == "buyer":
            actor, is_holder = (None, True) if order.is_guests else (self.user, False)
        elif who != "staff":
            merchant = self.merchants[who == "second merchant"]
            actor, mine = merchant.owner, [part for part in mine if part.merchant_id == merchant.pk]
        going = [part for part in mine if part.state not in ENDED]
        error = self.refusal_of_cancelling(order, mine, going, is_buyer=who == "buyer")
        with refused(error):
            cancel_order(order_id=order_id, actor=actor, is_holder=is_holder)
        if error is None:
            self.shop.end(order, going, "cancelled")

    def refusal_of_cancelling(
        self, order: Order, mine: list[Part], going: list[Part], *, is_buyer: bool
    ) -> type[Exception] | None:
        if not mine:
            return OrderNotFound
        if not going:
            return InvalidTransition
        if not is_buyer:
            return None
        if any(part.state in ("delivered", "returned") for part in order.parts.values()):
            return InvalidTransition
        return (
            PermissionRefused if any(part.state not in ("pending", "confirmed") for part in going) else None
        )

    @rule(data=st.data(), units=st.integers(1, 3))
    @precondition(has_orders)
    def call_units_off(self, data: st.DataObject, units: int) -> None:
        _order, part_id, part = self.pick_part(data)
        variant_id = data.draw(st.sampled_from(sorted(part.lines)))
        line = part.lines[variant_id]
        error = None
        if part.state in ENDED or part.state == "pending":
            error = InvalidTransition
        elif units > line.left:
            error = NothingToCancel
        row = models.OrderLine.objects.get(fulfilment=part_id, variant=variant_id)
        with refused(error):
            cancel_lines(fulfilment_id=part_id, quantities={row.pk: units}, actor=self.owner_of(part))
        if error is not None:
            return
        if units == sum(part.units.values()):  # the last of the part
            self.shop.end(_order, [part], "cancelled")
        else:
            line.called_off += units
            self.shop.move({(variant_id, part.branch_id): units}, +1)

    @rule(data=st.data(), to=st.sampled_from(["next", "next", "rejected", "returned", "delivered"]))
    @precondition(has_orders)
    def step(self, data: st.DataObject, to: str) -> None:
        order, part_id, part = self.pick_part(data)
        self.take_step(order, part_id, part, to)

    @rule(data=st.data())
    @precondition(has_orders)
    def hand_over(self, data: st.DataObject) -> None:
        """All the way in one step, so that a walk has parts at different places."""
        order, part_id, part = self.pick_part(data)
        while part.state in ROAD[1:4]:
            self.take_step(order, part_id, part, "next")

    def take_step(self, order: Order, part_id: int, part: Part, to: str) -> None:
        if to == "next":
            to = "packed" if part.state not in ROAD[1:4] else ROAD[ROAD.index(part.state) + 1]
        is_next = part.state in ROAD[1:4] and to == ROAD[ROAD.index(part.state) + 1]
        possible = (
            is_next
            or (to == "rejected" and part.state in ("pending", "confirmed"))
            or (to == "returned" and part.state in ("shipped", "delivered"))
        )
        with refused(None if possible else InvalidTransition):
            transition_fulfilment(fulfilment_id=part_id, to=to, actor=self.owner_of(part))
        if possible and to in ("rejected", "returned"):
            self.shop.end(order, [part], to)
        elif possible:
            part.state = to
            if to == "delivered":
                part.paid = max(part.paid, part.owed)

    # -- what is always true

    @invariant()
    def stock_is_as_the_model_says(self) -> None:
        rows = StockLevel.objects.values_list("variant_id", "branch_id", "on_hand", "reserved")
        real = {(variant, branch): (on_hand, reserved) for variant, branch, on_hand, reserved in rows}
        assert real == {key: (units, self.shop.reserved(key)) for key, units in self.shop.on_hand.items()}

    @invariant()
    def carts_are_as_the_model_says(self) -> None:
        for who, expected in self.shop.carts.items():
            quote = carts.get_cart(self.owners[who]).quote
            lines = quote.lines if quote else ()
            assert {line.line.variant_id: line.line.quantity for line in lines} == expected

    @invariant()
    def orders_are_as_the_model_says(self) -> None:
        orders = {row.pk: (row.state, row.payment_state) for row in models.Order.objects.all()}
        assert orders == {pk: (order.state, order.payment) for pk, order in self.shop.orders.items()}
        parts = {row.pk: (row.state, row.paid_amount) for row in models.Fulfilment.objects.all()}
        assert parts == {
            pk: (part.state, part.paid)
            for order in self.shop.orders.values()
            for pk, part in order.parts.items()
        }

    @invariant()
    def the_books_are_clean(self) -> None:
        assert verify_books() == []


@pytest.mark.django_db
def test_a_shop_against_a_simple_model():
    run_state_machine_as_test(
        ShopMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
