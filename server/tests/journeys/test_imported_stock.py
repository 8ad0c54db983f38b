"""Quantities of a file become stock of the default branch."""

from __future__ import annotations

import pytest

from karvon.catalog.exchange.tests.factories import counts, make_csv, make_merchant, refused, run
from karvon.catalog.models import Product, Variant, WindowRow
from karvon.inventory.models import StockLevel, StockMovement
from karvon.merchants.models import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


def file(*quantities: str) -> str:
    return make_csv(
        [
            {
                "handle": f"p{number}",
                "title_en": f"P{number}",
                "sku": f"s{number}",
                "price": "5",
                "stock": quantity,
            }
            for number, quantity in enumerate(quantities)
        ]
    )


def levels() -> dict[str, int]:
    return dict(StockLevel.objects.values_list("variant__sku", "on_hand"))


def test_stock_is_set_with_a_movement_and_shown(merchant: Merchant) -> None:
    job = run(merchant, file("7", "0", ""), "karvon")

    assert job.products_created == 3
    assert levels() == {"s0": 7, "s1": 0} or levels() == {"s0": 7}
    assert [(one.quantity, one.reason) for one in StockMovement.objects.all()] == [(7, "import")]
    shown = dict(WindowRow.objects.values_list("product__handle", "quantity"))
    assert shown == {"p0": 7, "p1": 0, "p2": 0}


def test_only_differences_are_moved(merchant: Merchant) -> None:
    run(merchant, file("7", "3"), "karvon")

    job = run(merchant, file("4", "3"), "karvon")

    assert counts(job) == {"rows": 2, "created": 0, "updated": 1, "unchanged": 1, "refused": 0}
    assert levels() == {"s0": 4, "s1": 3}
    assert sorted(one.quantity for one in StockMovement.objects.all()) == [-3, 3, 7]
    assert WindowRow.objects.get(product__handle="p0").quantity == 4
    assert run(merchant, file("", ""), "karvon").products_unchanged == 2


def test_stock_below_what_orders_hold_refuses_the_product_alone(merchant: Merchant) -> None:
    run(merchant, file("7", "3"), "karvon")
    StockLevel.objects.filter(variant__sku="s0").update(reserved=5)

    job = run(merchant, file("4", "9").replace("P0", "New name"), "karvon")

    assert [line for line, _field, _message in refused(job)] == [2]
    assert levels() == {"s0": 7, "s1": 9}
    assert Product.objects.get(handle="p0").title_en == "P0"


def test_variants_that_left_the_file_are_withdrawn_and_come_back(merchant: Merchant) -> None:
    rows = [
        {"handle": "p", "title_en": "P", "sku": sku, "price": "5", "stock": "2", "options":
         f'[{{"code": "size", "value": "{sku}"}}]'}
        for sku in ("s", "m")
    ]  # fmt: skip
    run(merchant, make_csv(rows), "karvon")

    assert run(merchant, make_csv(rows[:1]), "karvon").products_updated == 1
    assert dict(Variant.objects.values_list("sku", "is_active")) == {"s": True, "m": False}
    assert levels() == {"s": 2, "m": 2}
    assert run(merchant, make_csv(rows[:1]), "karvon").products_unchanged == 1
    assert run(merchant, make_csv(rows), "karvon").products_updated == 1
    assert Variant.objects.get(sku="m").is_active
