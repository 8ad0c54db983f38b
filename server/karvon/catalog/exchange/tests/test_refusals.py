"""Bad rows: told with line and reason, the whole product left out, everything else imported."""

from __future__ import annotations

from typing import Any

import pytest

from karvon.catalog.exchange.tests.factories import counts, make_csv, make_merchant, refused, run, shopify_row
from karvon.catalog.models import Category, Product, Variant
from karvon.merchants.models import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


def handles() -> set[str]:
    return set(Product.objects.values_list("handle", flat=True))


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"Variant Price": "-5"}, "variant price", "must not be negative"),
        ({"Variant Price": "1e5"}, "variant price", "is not a number: 1e5"),
        ({"Variant Price": "NaN"}, "variant price", "is not a number: NaN"),
        ({"Variant Price": ""}, "variant price", "is missing"),
        ({"Variant Price": "free"}, "variant price", "is not a number: free"),
        ({"Variant Compare At Price": "-1"}, "variant compare at price", "must not be negative"),
        ({"Title": "x" * 300}, "title", "longer than 255 characters"),
        ({"Variant SKU": "x" * 101}, "variant sku", "longer than 100 characters"),
        ({"Variant Inventory Qty": "many"}, "variant inventory qty", "is not a whole number: many"),
        ({"Status": "gone"}, "status", "must be one of: active, draft, archived"),
        ({"Published": "perhaps"}, "published", "must be yes or no: perhaps"),
    ],
)
def test_a_bad_cell_refuses_its_product_and_nothing_else(
    merchant: Merchant, cells: dict[str, Any], column: str, message: str
) -> None:
    columns = {"Variant Compare At Price": "", "Variant Inventory Qty": "", "Status": "", "Published": ""}
    job = run(
        merchant,
        make_csv(
            [shopify_row("before", **columns), shopify_row("bad", **columns | cells), shopify_row("after")]
        ),
        "shopify",
    )

    assert refused(job) == [(3, column, message)]
    assert counts(job) == {"rows": 3, "created": 2, "updated": 0, "unchanged": 0, "refused": 1}
    assert handles() == {"before", "after"}


def test_one_bad_variant_refuses_all_rows_of_its_product(merchant: Merchant) -> None:
    rows = [
        shopify_row("shirt", **{"Option1 Name": "Size", "Option1 Value": "S"}),
        shopify_row("shirt", Title="", **{"Variant SKU": "m", "Option1 Value": "M", "Variant Price": "oops"}),
        shopify_row("shirt", Title="", **{"Variant SKU": "l", "Option1 Value": "L"}),
        shopify_row("cap"),
    ]

    job = run(merchant, make_csv(rows), "shopify")

    assert refused(job) == [
        (2, "", "not imported, because line 3 is refused"),
        (3, "variant price", "is not a number: oops"),
        (4, "", "not imported, because line 3 is refused"),
    ]
    assert handles() == {"cap"}


def test_a_refused_product_stays_as_it_was(merchant: Merchant) -> None:
    run(merchant, make_csv([shopify_row("shirt")]), "shopify")

    job = run(
        merchant, make_csv([shopify_row("shirt", Title="New name", **{"Variant Price": "x"})]), "shopify"
    )

    assert job.rows_refused == 1
    assert Product.objects.get().title_en == "Shirt"
    assert str(Variant.objects.get().price) == "10.000"


def test_skus_are_used_once(merchant: Merchant) -> None:
    rows = [
        shopify_row("a", **{"Variant SKU": "same"}),
        shopify_row("b", **{"Variant SKU": "SAME"}),
        shopify_row("c"),
    ]

    job = run(merchant, make_csv(rows), "shopify")

    assert refused(job) == [(3, "sku", "SAME is also used in line 2")]
    assert handles() == {"a", "c"}


def test_a_sku_of_another_product_of_the_shop_is_refused(merchant: Merchant) -> None:
    run(merchant, make_csv([shopify_row("a", **{"Variant SKU": "same"})]), "shopify")

    job = run(merchant, make_csv([shopify_row("b", **{"Variant SKU": "Same"}), shopify_row("c")]), "shopify")

    ((line, _column, message),) = refused(job)
    assert line == 2
    assert "Same" in message
    assert handles() == {"a", "c"}


def test_two_shops_may_use_the_same_handles_and_skus(merchant: Merchant) -> None:
    other = make_merchant("other")

    for shop in (merchant, other):
        assert run(shop, make_csv([shopify_row("a")]), "shopify").products_created == 1

    assert Product.objects.filter(handle="a").count() == 2


def test_the_same_options_twice_are_refused(merchant: Merchant) -> None:
    size = {"Option1 Name": "Size", "Option1 Value": "S"}

    job = run(
        merchant,
        make_csv([shopify_row("a", **size), shopify_row("a", Title="", **size | {"Variant SKU": "x"})]),
        "shopify",
    )

    assert (3, "options", "has the same options as line 2") in refused(job)
    assert not Product.objects.exists()


def test_rows_of_a_product_may_stand_apart(merchant: Merchant) -> None:
    rows = [
        shopify_row("a", **{"Option1 Name": "Size", "Option1 Value": "S"}),
        shopify_row("b"),
        shopify_row("a", Title="", **{"Variant SKU": "a-m", "Option1 Value": "M"}),
    ]

    job = run(merchant, make_csv(rows), "shopify")

    assert (job.products_created, job.rows_refused) == (2, 0)
    assert Product.objects.get(handle="a").variants.count() == 2


def test_a_row_without_a_handle_is_nobody_s(merchant: Merchant) -> None:
    job = run(merchant, make_csv([shopify_row("a"), shopify_row("", Title="x")]), "shopify")

    assert refused(job) == [(3, "", "says no product that is in the file")]


def test_an_unreadable_row_refuses_the_product_it_may_belong_to(merchant: Merchant) -> None:
    text = make_csv([shopify_row("a"), shopify_row("b"), shopify_row("c")])
    lines = text.splitlines()
    lines[2] = lines[2].replace("10.00", "10.00\0")

    job = run(merchant, "\n".join(lines), "shopify")

    assert refused(job) == [(3, "", "The row contains a NUL character.")]
    assert handles() == {"a", "c"}


def test_a_quote_left_open_takes_the_rest_but_not_what_came_before(merchant: Merchant) -> None:
    text = make_csv([shopify_row("a"), shopify_row("b"), shopify_row("c")])
    broken = text.replace("b,B,", 'b,"B,')

    job = run(merchant, broken, "shopify")

    assert handles() == {"a"}
    assert refused(job) == [(3, "", "The row ends within a quoted text (is a quote left open?).")]


def test_woocommerce_variations_before_their_parents_and_by_id(merchant: Merchant) -> None:
    woo = {"Type": "variation", "Name": "x", "Regular price": "5", "Attribute 1 name": "Size"}
    rows = [
        {"ID": "2", **woo, "SKU": "s", "Parent": "id:1", "Attribute 1 value(s)": "S"},
        {
            "ID": "1",
            "Type": "variable",
            "SKU": "",
            "Name": "Shirt",
            "Attribute 1 name": "Size",
            "Attribute 1 value(s)": "S, M",
        },
        {"ID": "3", **woo, "SKU": "m", "Parent": "ID:1", "Attribute 1 value(s)": "M"},
        {"ID": "4", **woo, "SKU": "l", "Parent": "id:99", "Attribute 1 value(s)": "L"},
        {"ID": "5", "Type": "variable", "SKU": "v", "Name": "Empty"},
        {"ID": "6", "Type": "subscription", "SKU": "w", "Name": "Box", "Regular price": "5"},
    ]

    job = run(merchant, make_csv(rows), "woocommerce")

    assert [(one.handle, one.variants.count()) for one in Product.objects.all()] == [("woo-1", 2)]
    assert refused(job) == [
        (5, "", "says no product that is in the file"),
        (6, "type", "A variable product needs at least one variation."),
        (7, "type", "is not known: subscription"),
    ]


def test_woocommerce_sales_and_their_dates(merchant: Merchant) -> None:
    base = {"Type": "simple", "Regular price": "10", "Sale price": "8"}
    rows = [
        {
            **base,
            "SKU": "now",
            "Name": "a",
            "Date sale price starts": "2020-01-01",
            "Date sale price ends": "",
        },
        {
            **base,
            "SKU": "over",
            "Name": "b",
            "Date sale price starts": "",
            "Date sale price ends": "2020-01-01 00:00:00",
        },
        {
            **base,
            "SKU": "later",
            "Name": "c",
            "Date sale price starts": "2999-01-01",
            "Date sale price ends": "",
        },
        {**base, "SKU": "odd", "Name": "d", "Date sale price starts": "soon", "Date sale price ends": ""},
    ]

    job = run(merchant, make_csv(rows), "woocommerce")

    prices = {
        v.sku: (int(v.price), v.compare_at_price and int(v.compare_at_price)) for v in Variant.objects.all()
    }
    assert prices == {"now": (8, 10), "over": (10, None), "later": (10, None)}
    assert refused(job) == [(5, "date sale price starts", "is not a date: soon")]


def test_woocommerce_category_paths_with_commas(merchant: Merchant) -> None:
    rows = [
        {
            "Type": "simple",
            "SKU": "a",
            "Name": "a",
            "Regular price": "1",
            "Categories": r"Home, Home > Beds\, sofas > Large",
        }
    ]

    run(merchant, make_csv(rows), "woocommerce", language="en")

    assert list(Category.objects.order_by("id").values_list("name_en", flat=True)) == [
        "Home",
        "Beds, sofas",
        "Large",
    ]


def test_unknown_columns_and_addresses_are_named_in_the_report(merchant: Merchant) -> None:
    rows = [shopify_row("a", **{"Favourite colour": "blue", "Image Src": "https://example.com/a.jpg"})]

    job = run(merchant, make_csv(rows), "shopify")

    assert {note["text"]: note["count"] for note in job.notes} == {
        "column ignored: favourite colour": 1,
        "picture not imported, addresses are not fetched": 1,
    }


def test_hostile_texts_are_kept_as_text(merchant: Merchant) -> None:
    nasty = "<script>alert(1)</script><b onclick=x>Bold</b> '; DROP TABLE x; -- \u202e \U0001f355"

    run(
        merchant,
        make_csv([shopify_row("a", Title="'; DROP TABLE--", **{"Body (HTML)": nasty})]),
        "shopify",
        language="en",
    )

    product = Product.objects.get()
    assert product.title_en == "'; DROP TABLE--"
    assert "script" not in product.description_en
    assert "onclick" not in product.description_en
    assert "<b>Bold</b>" in product.description_en
