from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.tests.factories import make_user
from karvon.carts import services
from karvon.carts.errors import CouponRefused
from karvon.carts.owner import CartOwner
from karvon.carts.services import apply_coupon, get_cart, remove_coupon, set_line_quantity
from karvon.carts.tests.factories import cart_id_of, fill_cart
from karvon.inventory.tests.factories import make_variant
from karvon.promotions.services import use_promotions
from karvon.promotions.tests.factories import make_coupon, make_promotion

pytestmark = pytest.mark.django_db


def test_a_coupon_is_kept_and_applied_live():
    variant, coupon = make_variant(units=50), make_coupon("TEN", minimum_subtotal="20000")
    cart = fill_cart((variant, 2))

    cart = apply_coupon(cart.owner, code=" ten ")
    assert (cart.snapshot.coupon, cart.quote.priced.discount) == ("TEN", 2_000)
    line_id = cart.quote.lines[0].line.id
    cart = set_line_quantity(cart.owner, line_id=line_id, quantity=1)
    outcome = cart.quote.priced.coupon
    assert (outcome.is_applied, outcome.reason, outcome.missing) == (False, "minimum_not_reached", 10_000)
    coupon.is_active = False
    coupon.save()
    assert get_cart(cart.owner).quote.priced.coupon.reason == "coupon_not_found"
    cart = remove_coupon(cart.owner)
    assert (cart.snapshot.coupon, cart.quote.priced.coupon) == (None, None)


def test_the_coupon_is_read_with_the_offers():
    variant = make_variant(units=50)
    make_coupon("TEN")
    make_promotion(merchant=variant.merchant, value="50")
    cart = apply_coupon(fill_cart((variant, 2)).owner, code="TEN")

    with CaptureQueriesContext(connection) as queries:
        cart = get_cart(cart.owner)

    assert len(queries) == 1
    assert cart.quote.priced.discount == 11_000


@pytest.mark.parametrize("code", ["NOPE", "", "x" * 41, "a\x00b", "'; DROP TABLE", "💥"])
def test_a_coupon_that_does_not_exist_is_refused(code):
    cart = fill_cart((make_variant(units=5), 1))

    with pytest.raises(CouponRefused) as refusal:
        apply_coupon(cart.owner, code=code)

    assert refusal.value.code == "coupon_not_found"
    assert get_cart(cart.owner).snapshot.version == 1


def test_a_customers_limit_is_told():
    user = make_user()
    coupon = make_coupon("ONCE", per_customer_limit=1)
    use_promotions(order_id=1, customer_key=f"user:{user.pk}", uses=[(coupon.pk, Decimal(1))])
    owner = CartOwner(user_id=user.pk)
    fill_cart((make_variant(units=5), 1), owner=owner)

    with pytest.raises(CouponRefused) as refusal:
        apply_coupon(owner, code="ONCE")

    assert refusal.value.code == "coupon_used_up"


def test_a_coupon_may_come_before_the_goods():
    make_coupon("TEN")

    cart = apply_coupon(CartOwner(), code="TEN")
    assert cart.snapshot.coupon == "TEN"
    cart = fill_cart((make_variant(units=5), 1), owner=cart.owner)

    assert cart.quote.priced.discount == 1_000


def test_merging_brings_the_guests_coupon_along():
    user = make_user()
    make_coupon("TEN")
    guest = apply_coupon(fill_cart((make_variant(units=5), 1)).owner, code="TEN")

    merged = services.merge_carts(cart_id_of(guest), user)

    assert merged.quote.priced.discount == 1_000
