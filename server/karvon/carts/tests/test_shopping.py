from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from karvon.accounts.tests.factories import make_user
from karvon.carts import services
from karvon.carts.errors import (
    CartNotFound,
    CurrencyMixed,
    LineNotFound,
    MerchantClosed,
    NotEnoughLeft,
    ProductNotFound,
    TooManyLines,
)
from karvon.carts.owner import CartOwner
from karvon.carts.services import add_line, get_cart, merge_carts, set_line_quantity
from karvon.carts.tests.factories import cart_id_of, fill_cart, make_modifier_group
from karvon.catalog.models import Product, Variant
from karvon.inventory.services import adjust_stock
from karvon.inventory.tests.factories import make_product, make_variant, stock_up
from karvon.kernel.errors import ValidationFailed
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_branch, make_merchant

pytestmark = pytest.mark.django_db


def queries_of(action) -> int:
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)


def only_line(cart):
    (line,) = cart.quote.lines
    return line


def test_a_guest_without_a_cart_has_an_empty_one():
    cart = get_cart(CartOwner())

    assert cart.snapshot is None


def test_the_first_add_begins_a_guests_cart():
    variant = make_variant(units=5)

    cart = add_line(CartOwner(), variant_id=variant.pk, quantity=2)

    assert cart.owner.cart_id == cart.snapshot.cart_id
    line = only_line(cart)
    assert (line.line.quantity, line.unit_price, line.subtotal, line.is_available) == (
        2,
        10_000,
        20_000,
        True,
    )
    assert cart.quote.priced.total == 20_000
    assert get_cart(cart.owner).quote == cart.quote


def test_the_same_choice_adds_up_and_another_is_another_line():
    variant = make_variant(units=50)
    _, (plain, dear) = make_modifier_group(variant.product)

    cart = add_line(CartOwner(), variant_id=variant.pk, quantity=1, modifier_ids=[dear.pk])
    cart = add_line(cart.owner, variant_id=variant.pk, quantity=2, modifier_ids=[dear.pk])
    cart = add_line(cart.owner, variant_id=variant.pk, quantity=1, modifier_ids=[plain.pk])

    assert [(line.line.quantity, line.unit_price) for line in cart.quote.lines] == [(3, 15_000), (1, 10_000)]


def test_versions_count_changes_and_reading_is_none():
    variant = make_variant(units=50)
    cart = fill_cart((variant, 1))

    versions = [cart.snapshot.version, get_cart(cart.owner).snapshot.version]
    versions.append(add_line(cart.owner, variant_id=variant.pk).snapshot.version)

    assert versions == [1, 1, 2]


def test_adding_by_product_takes_the_first_variant_that_has_enough():
    product = make_product()
    few, many = make_variant(product=product, units=1), make_variant(product=product, units=9)

    one = add_line(CartOwner(), product_id=product.pk, quantity=1)
    five = add_line(CartOwner(), product_id=product.pk, quantity=5)

    assert only_line(one).line.variant_id == few.pk
    assert only_line(five).line.variant_id == many.pk


def test_more_than_there_is_cannot_be_added():
    variant = make_variant(units=5)
    cart = fill_cart((variant, 3))

    with pytest.raises(NotEnoughLeft) as refusal:
        add_line(cart.owner, variant_id=variant.pk, quantity=3)
    with pytest.raises(NotEnoughLeft):
        add_line(cart.owner, variant_id=variant.pk, quantity=6)

    assert refusal.value.left == 2
    assert only_line(get_cart(cart.owner)).line.quantity == 3


def test_lines_of_one_variant_share_its_stock():
    variant = make_variant(units=5)
    _, (plain, dear) = make_modifier_group(variant.product)
    cart = add_line(CartOwner(), variant_id=variant.pk, quantity=3, modifier_ids=[plain.pk])

    with pytest.raises(NotEnoughLeft) as refusal:
        add_line(cart.owner, variant_id=variant.pk, quantity=3, modifier_ids=[dear.pk])

    assert refusal.value.left == 2


def test_uncounted_variants_have_no_limit_but_the_lines_own():
    variant = make_variant(tracks_stock=False)
    cart = fill_cart((variant, 9999))

    with pytest.raises(ValidationFailed):
        add_line(cart.owner, variant_id=variant.pk, quantity=1)


@pytest.mark.parametrize("quantity", [0, -1, 10_000, 10**30])
def test_impossible_quantities(quantity):
    variant = make_variant(units=5)

    with pytest.raises(ValidationFailed):
        add_line(CartOwner(), variant_id=variant.pk, quantity=quantity)


def test_what_is_not_on_sale_cannot_be_added():
    draft = make_variant(units=5)
    Product.objects.filter(pk=draft.product_id).update(state="draft")
    inactive = make_variant(units=5, is_active=False)
    deleted = make_variant(units=5)
    Product.objects.filter(pk=deleted.product_id).update(deleted_at=timezone.now())
    future = make_variant(units=5)
    Product.objects.filter(pk=future.product_id).update(
        publish_at=timezone.now() + timezone.timedelta(days=1)
    )

    for variant_id in (draft.pk, inactive.pk, deleted.pk, future.pk, 2**62):
        with pytest.raises(ProductNotFound):
            add_line(CartOwner(), variant_id=variant_id)
    with pytest.raises(ProductNotFound):
        add_line(CartOwner(), product_id=2**62)
    with pytest.raises(ProductNotFound):
        add_line(CartOwner(), variant_id=make_variant(units=1).pk, product_id=draft.product_id)


def test_a_suspended_merchant_takes_no_orders():
    variant = make_variant(units=5)
    cart = fill_cart((variant, 1))
    Merchant.objects.filter(pk=variant.merchant_id).update(state="suspended")

    with pytest.raises(MerchantClosed):
        add_line(CartOwner(), variant_id=variant.pk)
    line = only_line(get_cart(cart.owner))
    assert (line.is_available, line.problem) == (False, "merchant_closed")


def test_currencies_do_not_mix():
    sums, dollars = make_variant(units=5), make_variant(merchant=make_merchant(currency="USD"), units=5)
    cart = fill_cart((sums, 1))

    with pytest.raises(CurrencyMixed):
        add_line(cart.owner, variant_id=dollars.pk)

    Product.objects.filter(pk=sums.product_id).update(currency="USD")
    cart = add_line(cart.owner, variant_id=dollars.pk)
    Product.objects.filter(pk=dollars.product_id).update(currency="EUR")
    assert [line.problem for line in get_cart(cart.owner).quote.lines] == [None, "currency_mixed"]


def test_modifiers_are_judged_by_their_groups():
    variant = make_variant(units=50)
    _, (one, two) = make_modifier_group(variant.product, min_picks=1, max_picks=1)
    _, (foreign, _) = make_modifier_group(make_variant(units=1).product)

    for choice in ([], [one.pk, two.pk], [one.pk, foreign.pk], [one.pk, one.pk], [2**62]):
        with pytest.raises(ValidationFailed) as refusal:
            add_line(CartOwner(), variant_id=variant.pk, modifier_ids=choice)
        assert list(refusal.value.details) == ["modifiers"]

    assert only_line(add_line(CartOwner(), variant_id=variant.pk, modifier_ids=[two.pk])).unit_price == 15_000


def test_a_cart_has_a_limit_of_lines(settings):
    settings.KARVON_CART_MAX_LINES = 2
    merchant = make_merchant()
    cart = fill_cart(*[(make_variant(merchant=merchant, units=5), 1) for _ in range(2)])

    with pytest.raises(TooManyLines):
        add_line(cart.owner, variant_id=make_variant(merchant=merchant, units=5).pk)

    assert len(get_cart(cart.owner).quote.lines) == 2


def test_setting_and_removing():
    one, two = make_variant(units=5), make_variant(units=5)
    cart = fill_cart((one, 1), (two, 1))
    first, second = (line.line.id for line in cart.quote.lines)

    cart = set_line_quantity(cart.owner, line_id=first, quantity=4)
    assert [line.line.quantity for line in cart.quote.lines] == [4, 1]
    with pytest.raises(NotEnoughLeft):
        set_line_quantity(cart.owner, line_id=first, quantity=6)
    cart = set_line_quantity(cart.owner, line_id=first, quantity=0)
    assert [line.line.id for line in cart.quote.lines] == [second]
    with pytest.raises(LineNotFound):
        set_line_quantity(cart.owner, line_id=first, quantity=1)
    with pytest.raises(LineNotFound):
        services.remove_line(cart.owner, line_id=first)
    cart = services.clear_cart(cart.owner)
    assert cart.quote.lines == ()
    assert cart.snapshot is not None


def test_a_sold_out_line_can_still_be_removed():
    variant = make_variant(units=5)
    cart = fill_cart((variant, 3))
    adjust_stock(variant_id=variant.pk, on_hand=0, actor=None)

    cart = services.remove_line(cart.owner, line_id=only_line(cart).line.id)

    assert cart.quote.lines == ()


def test_lines_stay_with_what_is_wrong_with_them():
    merchant = make_merchant()
    fine, gone, short, empty, dearer, deleted = (make_variant(merchant=merchant, units=5) for _ in range(6))
    cart = fill_cart(*[(variant, 3) for variant in (fine, gone, short, empty, dearer, deleted)])
    Product.objects.filter(pk=gone.product_id).update(state="archived")
    adjust_stock(variant_id=short.pk, on_hand=2, actor=None)
    adjust_stock(variant_id=empty.pk, on_hand=0, actor=None)
    Variant.objects.filter(pk=dearer.pk).update(price="11000")
    Variant.objects.filter(pk=deleted.pk).delete()

    cart = get_cart(cart.owner)

    assert [(line.is_available, line.problem) for line in cart.quote.lines] == [
        (True, None),
        (False, "withdrawn"),
        (False, "insufficient_stock"),
        (False, "sold_out"),
        (True, "price_changed"),
        (False, "withdrawn"),
    ]
    assert cart.quote.priced.total == 3 * 10_000 + 3 * 11_000
    assert not cart.quote.is_orderable
    touched = set_line_quantity(cart.owner, line_id=cart.quote.lines[4].line.id, quantity=3)
    assert touched.quote.lines[4].problem is None


def test_changed_modifiers():
    variant = make_variant(units=5)
    _, (plain, _) = make_modifier_group(variant.product)
    cart = add_line(CartOwner(), variant_id=variant.pk, modifier_ids=[plain.pk])
    plain.is_active = False
    plain.save()

    line = only_line(get_cart(cart.owner))

    assert (line.is_available, line.problem) == (False, "modifiers_changed")


def test_delivery_fees_per_merchant_and_none_for_pickup():
    one, two = make_merchant(with_branch=False), make_merchant(with_branch=False)
    make_branch(one, delivery_fee=15_000, free_delivery_from=50_000)
    make_branch(two, delivery_fee=8_000, minimum_order=100_000)
    cheap, other = make_variant(merchant=one, units=9), make_variant(merchant=two, units=9)
    cart = fill_cart((cheap, 1), (other, 1))

    assert cart.quote.priced.delivery_fee == 23_000
    assert [group.is_minimum_reached for group in cart.quote.groups] == [True, False]
    assert get_cart(cart.owner, delivery_type="pickup").quote.priced.delivery_fee == 0
    cart = set_line_quantity(cart.owner, line_id=cart.quote.lines[0].line.id, quantity=5)
    assert cart.quote.priced.delivery_fee == 8_000
    cart = services.set_delivery_type(cart.owner, delivery_type="pickup")
    assert get_cart(cart.owner).quote.priced.delivery_fee == 0


def test_goods_are_split_over_branches_but_food_is_not():
    for kind, problems in (("physical", [None, None]), ("food", [None, "insufficient_stock"])):
        merchant = make_merchant()
        other = make_branch(merchant, delivery_fee=5_000)
        here = make_variant(product=make_product(merchant=merchant, kind=kind), units=5)
        there = make_variant(product=make_product(merchant=merchant, kind=kind))
        stock_up(there, 5, branch=other)

        cart = fill_cart((here, 1), (there, 1))

        assert [line.problem for line in cart.quote.lines] == problems
        assert len(cart.quote.groups) == (2 if kind == "physical" else 1)


def test_one_branch_that_has_all_goes_before_the_default_one():
    merchant = make_merchant()
    other = make_branch(merchant)
    one, two = make_variant(merchant=merchant, units=5), make_variant(merchant=merchant)
    stock_up(one, 5, branch=other)
    stock_up(two, 5, branch=other)

    cart = fill_cart((one, 1), (two, 1))

    assert [group.branch.branch_id for group in cart.quote.groups] == [other.pk]


def test_a_customers_cart_is_one_and_nobody_elses():
    user, variant = make_user(), make_variant(units=5)
    owner = CartOwner(user_id=user.pk)
    cart = fill_cart((variant, 2), owner=owner)

    assert get_cart(CartOwner(user_id=user.pk)).quote == cart.quote
    assert get_cart(CartOwner(user_id=make_user().pk)).snapshot is None
    for forbidden in (get_cart, services.clear_cart, services.create_cart):
        with pytest.raises(CartNotFound):
            forbidden(CartOwner(cart_id=cart_id_of(cart)))
    with pytest.raises(CartNotFound):
        add_line(CartOwner(cart_id=cart_id_of(cart)), variant_id=variant.pk)
    assert only_line(get_cart(owner)).line.quantity == 2


def test_nobody_chooses_the_id_of_his_cart():
    variant, chosen = make_variant(units=5), uuid4()

    assert get_cart(CartOwner(cart_id=chosen)).snapshot is None
    cart = add_line(CartOwner(cart_id=chosen), variant_id=variant.pk)

    assert cart_id_of(cart) != chosen
    assert get_cart(cart.owner).snapshot is not None


def test_merging_adds_quantities_capped_by_stock():
    user = make_user()
    both, mine, theirs, sold_out = (make_variant(units=5) for _ in range(4))
    owner = CartOwner(user_id=user.pk)
    fill_cart((both, 3), (mine, 1), owner=owner)
    guest = fill_cart((both, 4), (theirs, 2), (sold_out, 2))
    adjust_stock(variant_id=sold_out.pk, on_hand=0, actor=None)

    merged = merge_carts(cart_id_of(guest), user)
    again = merge_carts(cart_id_of(guest), user)

    quantities = {line.line.variant_id: line.line.quantity for line in merged.quote.lines}
    assert quantities == {both.pk: 5, mine.pk: 1, theirs.pk: 2, sold_out.pk: 2}
    assert again.snapshot.version == merged.snapshot.version
    assert get_cart(guest.owner).snapshot is None


def test_merging_into_no_cart_takes_the_guests_over():
    user, variant = make_user(), make_variant(units=5)
    guest = fill_cart((variant, 2))

    merged = merge_carts(cart_id_of(guest), user)

    assert cart_id_of(merged) != cart_id_of(guest)
    assert only_line(merged).line.quantity == 2


def test_a_customers_cart_cannot_be_merged_away():
    victim, thief, variant = make_user(), make_user(), make_variant(units=5)
    cart = fill_cart((variant, 2), owner=CartOwner(user_id=victim.pk))

    merged = merge_carts(cart_id_of(cart), thief)

    assert merged.snapshot is None
    assert only_line(get_cart(CartOwner(user_id=victim.pk))).line.quantity == 2


def test_query_counts():
    merchant = make_merchant()
    variants = [make_variant(merchant=merchant, units=50) for _ in range(3)]
    cart = fill_cart(*[(variant, 1) for variant in variants])
    line_id = cart.quote.lines[0].line.id

    assert queries_of(lambda: get_cart(CartOwner())) == 0
    assert queries_of(lambda: get_cart(cart.owner)) == 1
    assert queries_of(lambda: add_line(CartOwner(), variant_id=variants[0].pk)) == 1
    assert queries_of(lambda: add_line(cart.owner, variant_id=variants[0].pk)) == 1
    assert queries_of(lambda: add_line(cart.owner, product_id=variants[1].product_id)) == 1
    assert queries_of(lambda: set_line_quantity(cart.owner, line_id=line_id, quantity=2)) == 1
    assert queries_of(lambda: services.remove_line(cart.owner, line_id=line_id)) == 1
    services.clear_cart(cart.owner)
    assert queries_of(lambda: get_cart(cart.owner)) == 0


def test_a_deleted_variant_costs_no_second_query():
    variant, deleted = make_variant(units=5), make_variant(units=5)
    cart = fill_cart((variant, 1), (deleted, 1))
    Variant.objects.filter(pk=deleted.pk).delete()

    assert queries_of(lambda: add_line(cart.owner, variant_id=variant.pk)) == 1


def test_that_a_customer_has_no_cart_is_asked_once():
    owner = CartOwner(user_id=make_user().pk)

    assert [queries_of(lambda: get_cart(owner)) for _ in range(2)] == [1, 0]


def test_options_titles_and_languages():
    variant = make_variant(units=5)
    Product.objects.filter(pk=variant.product_id).update(title_ru="Чай", title_uz="", title_en="Tea")

    cart = fill_cart((variant, 1))

    assert only_line(get_cart(cart.owner, language="ru")).offer.title == "Чай"
    assert only_line(get_cart(cart.owner, language="ar")).offer.title == "Tea"
    assert only_line(cart).offer.price == Decimal(10_000)
