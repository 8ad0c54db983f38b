"""Copies in PostgreSQL: what is lost comes back, what was ordered does not."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.carts import services
from karvon.carts.errors import CartNotFound
from karvon.carts.models import CartCheckpoint
from karvon.carts.owner import CartOwner
from karvon.carts.services import (
    add_line,
    checkpoint_carts,
    forget,
    forget_checkpoint,
    forget_expired_carts,
    get_cart,
    merge_carts,
    snapshot,
)
from karvon.carts.tests.factories import cart_id_of, empty_redis, fill_cart
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.promotions.tests.factories import make_coupon

pytestmark = pytest.mark.django_db


def order(cart) -> None:
    """What checkout does with a cart."""
    taken = snapshot(cart.owner)
    forget_checkpoint(taken.cart_id, taken.version)
    forget(taken.cart_id, taken.version, taken.lines)


def customer() -> CartOwner:
    return CartOwner(user_id=make_user().pk)


@pytest.mark.parametrize("kind", ["guest", "customer"])
def test_a_lost_cart_comes_back_and_its_version_goes_on(kind):
    variant = make_variant(units=50)
    make_coupon("TEN")
    owner = customer() if kind == "customer" else CartOwner()
    cart = fill_cart((variant, 2), owner=owner)
    cart = services.apply_coupon(cart.owner, code="TEN")
    assert checkpoint_carts() == 1
    assert checkpoint_carts() == 0

    empty_redis()
    back = get_cart(cart.owner)

    assert back.snapshot.key == cart.snapshot.key
    assert (back.snapshot.lines, back.snapshot.coupon) == (cart.snapshot.lines, "TEN")
    assert add_line(cart.owner, variant_id=variant.pk).snapshot.version == cart.snapshot.version + 1


def test_a_lost_cart_comes_back_for_a_change_too():
    variant = make_variant(units=50)
    cart = fill_cart((variant, 2))
    checkpoint_carts()
    empty_redis()

    changed = services.remove_line(cart.owner, line_id=cart.quote.lines[0].line.id)

    assert changed.snapshot.lines == ()


def test_an_ordered_cart_is_gone():
    variant = make_variant(units=50)
    cart = fill_cart((variant, 2), owner=customer())

    order(cart)

    assert get_cart(cart.owner).snapshot is None
    with pytest.raises(CartNotFound):
        snapshot(cart.owner)
    fresh = fill_cart((variant, 1), owner=cart.owner)
    assert cart_id_of(fresh) != cart_id_of(cart)


@pytest.mark.parametrize("kind", ["guest", "customer"])
def test_an_ordered_cart_does_not_come_back_when_redis_is_lost(kind):
    variant = make_variant(units=50)
    cart = fill_cart((variant, 2), owner=customer() if kind == "customer" else CartOwner())
    checkpoint_carts()

    order(cart)
    empty_redis()

    assert get_cart(cart.owner).snapshot is None


def test_redis_lost_between_the_order_and_forgetting():
    variant = make_variant(units=50)
    cart = fill_cart((variant, 2))
    checkpoint_carts()
    taken = snapshot(cart.owner)

    forget_checkpoint(taken.cart_id, taken.version)
    empty_redis()

    assert forget(taken.cart_id, taken.version, taken.lines) is True
    assert get_cart(cart.owner).snapshot is None


def test_a_copy_written_late_does_not_bring_an_ordered_cart_back():
    variant = make_variant(units=50)
    cart = fill_cart((variant, 2))
    taken = snapshot(cart.owner)
    forget_checkpoint(taken.cart_id, taken.version)

    checkpoint_carts()  # Redis still has the cart
    empty_redis()

    assert get_cart(cart.owner).snapshot is None


def test_a_process_that_dies_before_the_copy_was_marked_is_made_up_for():
    cart = fill_cart((make_variant(units=50), 2))
    checkpoint_carts()
    taken = snapshot(cart.owner)
    forget(taken.cart_id, taken.version)

    checkpoint_carts()
    empty_redis()

    assert get_cart(cart.owner).snapshot is None


def test_what_was_added_while_ordering_stays_and_what_was_ordered_goes():
    one, two = make_variant(units=50), make_variant(units=50)
    cart = fill_cart((one, 2), owner=customer())
    taken = snapshot(cart.owner)
    fill_cart((two, 1), (one, 1), owner=cart.owner)

    assert forget(taken.cart_id, taken.version, taken.lines) is False

    left = get_cart(cart.owner)
    assert {line.line.variant_id: line.line.quantity for line in left.quote.lines} == {one.pk: 1, two.pk: 1}
    assert left.snapshot.version > taken.version


def test_forgetting_twice_does_nothing():
    cart = fill_cart((make_variant(units=50), 2))
    taken = snapshot(cart.owner)

    assert forget(taken.cart_id, taken.version) is True
    assert forget(taken.cart_id, taken.version) is True
    assert forget(uuid4(), 1) is True


def test_a_merged_cart_does_not_come_back():
    user = make_user()
    guest = fill_cart((make_variant(units=50), 2))
    checkpoint_carts()
    merge_carts(cart_id_of(guest), user)
    checkpoint_carts()

    empty_redis()
    again = merge_carts(cart_id_of(guest), user)

    assert [line.line.quantity for line in again.quote.lines] == [2]


def test_a_customers_copy_is_not_given_to_a_guest():
    cart = fill_cart((make_variant(units=50), 2), owner=customer())
    checkpoint_carts()
    empty_redis()

    assert get_cart(CartOwner(cart_id=cart_id_of(cart))).snapshot is None


def test_a_copy_never_replaces_a_newer_one():
    variant = make_variant(units=50)
    cart = fill_cart((variant, 1), (variant, 1))
    checkpoint_carts()
    CartCheckpoint.objects.update(version=99)

    add_line(cart.owner, variant_id=variant.pk)
    checkpoint_carts()

    assert CartCheckpoint.objects.get().version == 99


def test_erased_accounts_leave_no_copy():
    user = make_user()
    fill_cart((make_variant(units=50), 1), owner=CartOwner(user_id=user.pk))
    user.delete()

    checkpoint_carts()

    assert not CartCheckpoint.objects.exists()


def test_expired_carts_are_forgotten(settings):
    variant = make_variant(units=50)
    old, fresh = fill_cart((variant, 1)), fill_cart((variant, 1))
    checkpoint_carts()
    long_ago = clock.now() - timedelta(days=settings.KARVON_CART_DAYS + 1)
    CartCheckpoint.objects.filter(cart_id=cart_id_of(old)).update(changed_at=long_ago)

    assert forget_expired_carts() == 1

    assert list(CartCheckpoint.objects.values_list("cart_id", flat=True)) == [cart_id_of(fresh)]
    empty_redis()
    assert get_cart(old.owner).snapshot is None
    assert get_cart(fresh.owner).snapshot is not None
