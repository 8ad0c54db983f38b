"""Catalogues of real shops, with exact counts."""

import pytest

from karvon.catalog.exchange.errors import FileRefused
from karvon.catalog.exchange.tests.factories import counts, make_merchant, refused, run, sample
from karvon.catalog.models import Product, ProductState, Variant

pytestmark = pytest.mark.django_db


def options_of(variant: Variant) -> dict[str, str]:
    values = variant.attribute_values.select_related("attribute", "choice").order_by("attribute__code")
    return {value.attribute.code: value.choice.label_en for value in values}


def test_shopify_furniture_shop() -> None:
    merchant = make_merchant()

    job = run(merchant, sample("catalogues/shopify/packt-furniture-export.csv"), "shopify", language="en")

    assert counts(job) == {"rows": 21, "created": 20, "updated": 0, "unchanged": 0, "refused": 0}
    assert Product.objects.filter(merchant=merchant, state=ProductState.PUBLISHED).count() == 20
    assert Variant.objects.filter(merchant=merchant).count() == 21
    lamp = Product.objects.get(handle="floor-lamp")
    assert (lamp.title_en, lamp.vendor, lamp.category.name_en) == ("Floor Lamp", "Company 123", "Indoor")
    assert sorted(tag.name_en for tag in lamp.tags.all()) == ["Black", "Lamp"]
    variant = lamp.variants.get()
    assert (variant.sku, str(variant.price), str(variant.compare_at_price)) == (
        "floor-lamp",
        "69.990",
        "85.000",
    )
    gloves = Product.objects.get(handle="gardening-gloves")
    assert [(one.sku, options_of(one)) for one in gloves.variants.all()] == [
        ("gardening-gloves-green", {"color": "Green"}),
        ("gardening-gloves-yellow", {"color": "Yellow"}),
    ]


def test_shopify_template_with_variants_on_blank_titles() -> None:
    merchant = make_merchant()

    job = run(merchant, sample("catalogues/shopify/product_template.csv"), "shopify", language="en")

    assert counts(job) == {"rows": 3, "created": 1, "updated": 0, "unchanged": 0, "refused": 0}
    shirt = Product.objects.get()
    assert [
        (one.sku, str(one.price), one.weight_grams, one.tracks_stock) for one in shirt.variants.all()
    ] == [
        ("example-t-shirt-lithograph-height-9-x-width-12", "25.000", 3629, False),
        ("example-shirt-s", "19.990", 200, False),
        ("example-shirt-m", "19.990", 200, True),
    ]


def test_woocommerce_sample_shop() -> None:
    merchant = make_merchant()

    job = run(merchant, sample("catalogues/woocommerce/sample_products.csv"), "woocommerce", language="en")

    assert counts(job) == {"rows": 24, "created": 14, "updated": 0, "unchanged": 0, "refused": 1}
    assert refused(job) == [
        (17, "type", "A grouped product has no price of its own: make a collection of its parts.")
    ]
    assert Variant.objects.filter(merchant=merchant).count() == 21
    assert set(Product.objects.filter(state=ProductState.DRAFT).values_list("handle", flat=True)) == {
        "cp-donation",  # sold elsewhere
        "cc-hoodie-with-pocket",  # hidden
    }
    hoodie = Product.objects.get(handle="cc-hoodie")
    assert [node.name_en for node in hoodie.category.ancestors(include_self=True)] == ["Clothing", "Hoodies"]
    red = hoodie.variants.get(sku="cc-hoodie-red")
    assert (str(red.price), str(red.compare_at_price), options_of(red)) == (
        "42.000",
        "45.000",
        {"color": "Red", "logo": "No"},
    )
    assert hoodie.variants.count() == 6
    album = Product.objects.get(handle="cc-album")
    assert (album.kind, album.variants.get().tracks_stock) == ("digital", False)


def test_vendure_shop_with_padded_cells() -> None:
    merchant = make_merchant()

    job = run(merchant, sample("catalogues/vendure/products.csv"), "vendure", language="en")

    # the last product of that file uses one SKU for its three variants
    assert counts(job) == {"rows": 88, "created": 53, "updated": 0, "unchanged": 0, "refused": 3}
    assert [line for line, _field, _message in refused(job)] == [87, 88, 89]
    assert Variant.objects.filter(merchant=merchant).count() == 85
    laptop = Product.objects.get(handle="laptop")
    assert (laptop.title_en, laptop.vendor) == ("Laptop", "Apple")
    assert [node.name_en for node in laptop.category.ancestors(include_self=True)] == [
        "Electronics",
        "Computers",
    ]
    assert options_of(laptop.variants.get(sku="L2201308")) == {"ram": "8GB", "screen-size": "13 inch"}


@pytest.mark.parametrize(
    ("path", "format_name"),
    [
        ("catalogues/shopify/packt-furniture-export.csv", "shopify"),
        ("catalogues/woocommerce/sample_products.csv", "woocommerce"),
        ("catalogues/vendure/products.csv", "vendure"),
    ],
)
def test_importing_again_changes_nothing(path: str, format_name: str) -> None:
    merchant = make_merchant()
    first = run(merchant, sample(path), format_name)
    before = list(Product.objects.order_by("id").values()), list(Variant.objects.order_by("id").values())

    second = run(merchant, sample(path), format_name)

    assert second.products_unchanged == first.products_created
    assert (second.products_created, second.products_updated) == (0, 0)
    assert (
        list(Product.objects.order_by("id").values()),
        list(Variant.objects.order_by("id").values()),
    ) == before


def test_a_dry_run_counts_the_same_and_writes_nothing() -> None:
    merchant = make_merchant()

    job = run(merchant, sample("catalogues/woocommerce/sample_products.csv"), "woocommerce", dry_run=True)

    assert counts(job) == {"rows": 24, "created": 14, "updated": 0, "unchanged": 0, "refused": 1}
    assert not Product.objects.exists()


@pytest.mark.parametrize("format_name", ["shopify", "woocommerce", "vendure", "karvon"])
@pytest.mark.parametrize(
    "path",
    [
        "catalogues/medusa/exported-products-comma.csv",
        "catalogues/medusa/exported-products-semicolon.csv",
        "catalogues/medusa/product-with-categories.csv",
        "catalogues/medusa/unrelated-column.csv",
        "catalogues/medusa/v1-template.csv",
        "catalogues/oscar/books.computers-in-fiction.csv",
        "catalogues/oscar/books.essential.csv",
        "catalogues/oscar/books.hacking.csv",
        "catalogues/woocommerce/sample_tax_rates.csv",
        "catalogues/woocommerce/sample_products.xml",
        "catalogues/vendure/countries.json",
        "geo/uz_regions.csv",
        "images/fluent-3d/index.csv",
    ],
)
def test_files_of_other_kinds_are_refused_with_the_missing_columns(path: str, format_name: str) -> None:
    merchant = make_merchant()

    with pytest.raises(
        FileRefused, match=r"these columns are missing: |no line of column names|quotes in the line"
    ):
        run(merchant, sample(path), format_name)

    assert not Product.objects.exists()
