"""The last units of a store page, ordered by many at once; and a merchant's count corrected by many at once."""

from __future__ import annotations

from collections import Counter

import pytest

from karvon.accounts.tests.factories import make_client
from karvon.inventory.models import StockLevel
from karvon.inventory.services import set_units_for_sale
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.merchants.tests.factories import make_branch, make_merchant
from karvon.orders.models import Order
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_ten_guests_and_three_units_make_three_orders():
    variant = make_variant(merchant=make_merchant(username="aziza-silk"), units=3)
    body = {
        "customer_name": "Dilshod",
        "customer_phone": "+998901112233",
        "address": "Amir Temur 12",
        "items": [{"product_id": variant.product_id, "quantity": 1}],
        "confirmation_method": "online",
    }

    def order():
        return make_client().post("/api/store/aziza-silk/orders", body, format="json").status_code

    assert Counter(race([order] * 10)) == {201: 3, 409: 7}
    assert Order.objects.count() == 3
    assert level_of(variant).on_hand == 0


def test_eight_counts_at_once_end_at_the_number_that_all_of_them_name():
    merchant = make_merchant()
    branch = make_branch(merchant)
    variant = make_variant(merchant=merchant, units=2, branch=branch)

    outcomes = race([lambda: set_units_for_sale(variant_id=variant.pk, units=9, actor=None)] * 8)

    assert outcomes == [None] * 8
    levels = StockLevel.objects.filter(variant=variant)
    assert sorted(levels.values_list("on_hand", flat=True)) == [2, 7]
