"""Carts under many requests at once, each with its control."""

from __future__ import annotations

from functools import partial

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.carts.errors import NotEnoughLeft, TooManyLines
from karvon.carts.owner import CartOwner
from karvon.carts.scripts import cart_key
from karvon.carts.services import Cart, add_line, checkpoint_carts, forget, get_cart, merge_carts, snapshot
from karvon.carts.tests.factories import cart_id_of, empty_redis, fill_cart, make_modifier_group
from karvon.inventory.tests.factories import make_variant
from karvon.kernel.redis import get_redis
from tests.concurrency.crowds import Meeting, count_of, run_crowd

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty_redis():
    empty_redis()


def quantities_of(cart: Cart) -> list[int]:
    return [line.line.quantity for line in cart.quote.lines]


def test_fifty_adds_of_one_variant_sum_exactly():
    variant = make_variant(units=1_000)
    owner = fill_cart((variant, 1)).owner

    results = run_crowd([partial(add_line, owner, variant_id=variant.pk, quantity=2)] * 50)

    assert count_of(results, Cart) == 50
    cart = get_cart(owner)
    assert quantities_of(cart) == [101]
    assert cart.snapshot.version == 51


def _naive_add(owner: CartOwner, quantity: int, meeting: Meeting) -> None:
    """Reads the quantity, adds, writes it back."""
    redis, key = get_redis(), cart_key(owner.cart_id)
    field = next(name for name in redis.hkeys(key) if name.startswith(b"q"))
    known = int(redis.hget(key, field))
    meeting.wait()
    redis.hset(key, field, known + quantity)


def test_control_adding_without_a_script_loses_units():
    owner = fill_cart((make_variant(units=1_000), 1)).owner

    run_crowd([partial(_naive_add, owner, 2, Meeting(1))])
    assert quantities_of(get_cart(owner)) == [3]
    meeting = Meeting(10)
    run_crowd([partial(_naive_add, owner, 2, meeting)] * 10)

    assert quantities_of(get_cart(owner)) == [5]


def test_adds_at_once_stop_at_what_there_is():
    variant = make_variant(units=30)
    owner = fill_cart((variant, 1)).owner

    results = run_crowd([partial(add_line, owner, variant_id=variant.pk)] * 50)

    assert (count_of(results, Cart), count_of(results, NotEnoughLeft)) == (29, 21)
    assert quantities_of(get_cart(owner)) == [30]


def test_lines_at_once_stop_at_the_limit(settings):
    settings.KARVON_CART_MAX_LINES = 10
    variant = make_variant(units=1_000)
    _, choices = make_modifier_group(variant.product, deltas=tuple(str(n) for n in range(30)))
    owner = fill_cart((make_variant(merchant=variant.merchant, units=5), 1)).owner

    results = run_crowd(
        [partial(add_line, owner, variant_id=variant.pk, modifier_ids=[choice.pk]) for choice in choices]
    )

    assert (count_of(results, Cart), count_of(results, TooManyLines)) == (9, 21)


def test_a_customers_first_adds_on_many_devices_make_one_cart():
    variant = make_variant(units=1_000)
    owner = CartOwner(user_id=make_user().pk)

    results = run_crowd([partial(add_line, owner, variant_id=variant.pk)] * 40)

    assert len({cart_id_of(cart) for cart in results}) == 1
    assert quantities_of(get_cart(owner)) == [40]


def test_fifty_merges_of_one_cart_add_it_once():
    user, variant, other = make_user(), make_variant(units=1_000), make_variant(units=1_000)
    fill_cart((variant, 3), owner=CartOwner(user_id=user.pk))
    guest = fill_cart((variant, 2), (other, 1))

    results = run_crowd([partial(merge_carts, cart_id_of(guest), user)] * 50)

    assert count_of(results, Cart) == 50
    assert quantities_of(get_cart(CartOwner(user_id=user.pk))) == [5, 1]
    assert get_cart(guest.owner).snapshot is None


def test_control_merging_without_a_script_adds_twice():
    user, variant = make_user(), make_variant(units=1_000)
    owner = CartOwner(user_id=user.pk)
    fill_cart((variant, 3), owner=owner)
    guest = fill_cart((variant, 2))
    meeting = Meeting(5)

    def naive_merge() -> None:
        lines = snapshot(guest.owner).lines
        meeting.wait()
        for line in lines:
            add_line(owner, variant_id=line.variant_id, quantity=line.quantity)
        get_redis().delete(cart_key(guest.snapshot.cart_id))

    run_crowd([naive_merge] * 5)

    assert quantities_of(get_cart(owner)) == [13]


def test_one_cart_merged_by_two_customers_goes_to_one():
    users, variant = [make_user(), make_user()], make_variant(units=1_000)
    guest = fill_cart((variant, 2))

    run_crowd([partial(merge_carts, cart_id_of(guest), user) for user in users * 10])

    carts = [get_cart(CartOwner(user_id=user.pk)) for user in users]
    assert sorted(sum(quantities_of(cart)) if cart.quote else 0 for cart in carts) == [0, 2]


def test_forgetting_while_adding_loses_nothing():
    variant = make_variant(units=1_000)
    owner = CartOwner(user_id=make_user().pk)
    fill_cart((variant, 5), owner=owner)
    taken = snapshot(owner)

    run_crowd(
        [
            *[partial(add_line, owner, variant_id=variant.pk)] * 20,
            partial(forget, taken.cart_id, taken.version, taken.lines),
            *[partial(add_line, owner, variant_id=variant.pk)] * 20,
        ]
    )

    assert quantities_of(get_cart(owner)) == [40]


def test_copies_written_while_carts_change_are_never_old():
    variant = make_variant(units=10_000)
    owners = [fill_cart((variant, 1)).owner for _ in range(5)]

    actions = [partial(add_line, owner, variant_id=variant.pk) for owner in owners for _ in range(10)]
    for place in range(0, len(actions), 6):
        actions.insert(place, checkpoint_carts)
    run_crowd(actions)
    checkpoint_carts()
    empty_redis()

    assert [quantities_of(get_cart(owner)) for owner in owners] == [[11]] * 5


def test_a_lost_cart_asked_for_by_many_at_once_comes_back_once():
    variant = make_variant(units=1_000)
    owner = CartOwner(user_id=make_user().pk)
    fill_cart((variant, 3), owner=owner)
    checkpoint_carts()
    empty_redis()

    results = run_crowd([partial(add_line, owner, variant_id=variant.pk)] * 30)

    assert count_of(results, Cart) == 30
    assert quantities_of(get_cart(owner)) == [33]
