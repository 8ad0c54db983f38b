"""`/api/merchant/products` and `/api/merchant/upload-image` of the merchant platform contract."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.models import Product
from karvon.catalog.tests.factories import make_attribute, make_category, make_product, variant_input
from karvon.inventory.models import StockLevel
from karvon.inventory.tests.factories import level_of, stock_up
from karvon.merchants.models import Merchant, MerchantState, StaffRole
from karvon.merchants.tests.factories import make_branch
from karvon.orders.tests.factories import make_order
from tests.contracts.merchant.people import draw_picture, make_shop, staff_client
from tests.contracts.merchant.shapes import MONEY, TIME, assert_error, assert_shape

pytestmark = pytest.mark.django_db

URL = "/api/merchant/products"
BODY = {
    "title": "Ikat scarf",
    "description": "Silk, woven by hand in Margilan.",
    "price": "250000.00",
    "stock": 12,
    "images": [],
}
PRODUCT = {
    "id": int,
    "merchant": int,
    "title": str,
    "description": str,
    "price": MONEY,
    "currency": str,
    "stock": int,
    "in_stock": bool,
    "images": list,
    "category": (int, type(None)),
    "variants": list,
    "state": str,
    "created_at": TIME,
}
both_spellings = pytest.mark.parametrize("slash", ["", "/"])


def create(client, **changes):
    return client.post(URL, BODY | changes, format="json")


def upload(client, file=None):
    return client.post("/api/merchant/upload-image", {"image": file or draw_picture()}, format="multipart")


@both_spellings
def test_a_product_is_made_shown_changed_and_removed(slash):
    shop = make_shop(currency="UZS")

    made = shop.owner.post(URL + slash, BODY, format="json")

    assert made.status_code == 201, made.json()
    product = made.json()
    assert_shape(product, PRODUCT)
    assert (product["title"], product["price"], product["stock"]) == ("Ikat scarf", "250000.00", 12)
    assert (product["merchant"], product["currency"], product["state"]) == (
        shop.merchant.pk,
        "UZS",
        "published",
    )
    one = f"{URL}/{product['id']}{slash}"
    assert shop.owner.get(one).json() == product
    page = shop.owner.get(URL + slash).json()
    assert_shape(page, {"count": int, "results": list})
    assert page["results"] == [product]
    changed = shop.owner.patch(one, {"stock": 8, "price": "199000.50"}, format="json").json()
    assert (changed["stock"], changed["price"], changed["title"]) == (8, "199000.50", "Ikat scarf")
    replaced = shop.owner.put(one, BODY | {"title": "Ikat shawl"}, format="json").json()
    assert (replaced["title"], replaced["stock"]) == ("Ikat shawl", 12)
    assert shop.owner.delete(one).status_code == 204
    assert_error(shop.owner.get(one), 404, "product_not_found")
    assert shop.owner.get(URL).json()["count"] == 0


def test_stock_is_the_sum_over_branches_and_setting_it_corrects_the_default_one():
    shop = make_shop()
    second, closed = make_branch(shop.merchant), make_branch(shop.merchant, is_active=False)
    pk = create(shop.owner, stock=0).json()["id"]
    variant = Product.objects.get(pk=pk).variants.get()
    stock_up(variant, 5, branch=second)
    stock_up(variant, 100, branch=closed)

    def set_stock(number):
        return shop.owner.patch(f"{URL}/{pk}", {"stock": number}, format="json")

    assert shop.owner.get(f"{URL}/{pk}").json()["stock"] == 5
    assert set_stock(20).json()["stock"] == 20
    levels = StockLevel.objects.filter(variant=variant)
    assert levels.get(branch__is_default=True).on_hand == 15
    assert levels.get(branch=second).on_hand == 5
    assert set_stock(5).json()["stock"] == 5
    refused = set_stock(4)
    assert_error(refused, 409)
    assert shop.owner.get(f"{URL}/{pk}").json()["stock"] == 5


def test_what_orders_hold_is_not_counted_for_sale():
    shop = make_shop()
    pk = create(shop.owner, stock=10).json()["id"]
    variant = Product.objects.get(pk=pk).variants.get()
    make_order((variant, 3), payment_method="bank_transfer")

    assert shop.owner.get(f"{URL}/{pk}").json()["stock"] == 7
    assert shop.owner.patch(f"{URL}/{pk}", {"stock": 7}, format="json").json()["stock"] == 7
    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (10, 3)


def test_variants_are_priced_and_counted_one_by_one():
    shop = make_shop()
    make_attribute("size", choices=["s", "m"], is_option=True)
    variants = [
        {"sku": "SHIRT-S", "stock": 2, "options": {"size": "s"}},
        {"sku": "SHIRT-M", "stock": 3, "price": "120000.00", "options": {"size": "m"}},
    ]

    made = shop.owner.post(
        URL, {"title": "Shirt", "price": "100000.00", "variants": variants}, format="json"
    ).json()

    assert made["stock"] == 5
    assert made["price"] == "100000.00"
    assert [(each["sku"], each["price"], each["stock"], each["options"]) for each in made["variants"]] == [
        ("SHIRT-S", "100000.00", 2, {"size": "s"}),
        ("SHIRT-M", "120000.00", 3, {"size": "m"}),
    ]
    one = f"{URL}/{made['id']}"
    assert_error(shop.owner.patch(one, {"stock": 9}, format="json"), 400, field="stock")
    assert_error(shop.owner.patch(one, {"price": "1.00"}, format="json"), 400, field="price")
    changes = {"variants": [{"sku": "shirt-s", "stock": 7}, {"sku": "SHIRT-L", "stock": 1, "price": "5.00"}]}
    grown = shop.owner.patch(one, changes, format="json").json()
    assert [each["stock"] for each in grown["variants"]] == [7, 3, 1]
    body = {"title": "Shirt", "variants": [{"sku": "SHIRT-L"}], "stock": 4}
    shrunk = shop.owner.put(one, body, format="json").json()
    assert [(each["sku"], each["stock"]) for each in shrunk["variants"]] == [("SHIRT-L", 4)]


@both_spellings
def test_uploaded_pictures_become_a_gallery_by_id_or_address(slash):
    shop = make_shop()
    file = draw_picture()
    answer = shop.owner.post(f"/api/merchant/upload-image{slash}", {"image": file}, format="multipart")

    picture = answer.json()
    assert answer.status_code == 201, picture
    assert_shape(picture, {"id": int, "url": str, "status": str})
    assert picture["url"].startswith("http://testserver/media/")
    second = upload(shop.owner, draw_picture((1, 2, 3))).json()
    made = create(shop.owner, images=[picture["id"], second["url"]]).json()
    assert made["images"] == [picture["url"], second["url"]]
    assert made["image_ids"] == [picture["id"], second["id"]]
    one = f"{URL}/{made['id']}"
    path = second["url"].removeprefix("http://testserver")
    turned = shop.owner.patch(one, {"images": [path, str(picture["id"])]}, format="json").json()
    assert turned["images"] == [second["url"], picture["url"]]
    # what a client read it may send back
    same = shop.owner.patch(one, {"images": turned["images"]}, format="json").json()
    assert same["images"] == turned["images"]
    assert shop.owner.patch(one, {"images": []}, format="json").json()["images"] == []


@pytest.mark.parametrize(
    "reference",
    [
        "https://evil.example/media/images/aa/bb/x.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "/media/../../etc/passwd",
        "//testserver/media/x.jpg",
        "data:image/png;base64,AAAA",
        "",
        0,
        True,
        {"url": "x"},
    ],
)
def test_pictures_from_elsewhere_are_refused_and_never_fetched(reference):
    shop = make_shop()

    assert_error(create(shop.owner, images=[reference]), 400, field="images")
    assert not Product.objects.exists()


def test_anothers_picture_is_not_to_be_had():
    shop, rival = make_shop(), make_shop()
    theirs = upload(rival.owner).json()

    for reference in (theirs["id"], theirs["url"]):
        assert_error(create(shop.owner, images=[reference]), 400, field="images")


def test_what_is_no_picture_is_refused():
    shop = make_shop()

    assert_error(upload(shop.owner, SimpleUploadedFile("x.svg", b"<svg/>", "image/png")), 415)
    assert_error(shop.owner.post("/api/merchant/upload-image", {}, format="multipart"), 400, field="image")
    assert_error(shop.owner.post("/api/merchant/upload-image", {}, format="json"), 415)
    assert_error(shop.owner.get("/api/merchant/upload-image"), 405)


def test_another_shops_product_is_not_there():
    shop, rival = make_shop(), make_shop()
    theirs = f"{URL}/{create(rival.owner).json()['id']}"

    for answer in (
        shop.owner.get(theirs),
        shop.owner.put(theirs, BODY, format="json"),
        shop.owner.patch(theirs, {"stock": 0}, format="json"),
        shop.owner.delete(theirs),
    ):
        assert_error(answer, 404, "product_not_found")
    assert rival.owner.get(theirs).json()["stock"] == 12
    assert shop.owner.get(URL).json()["count"] == 0
    assert_error(shop.owner.get(URL, {"merchant": rival.merchant.username}), 404, "merchant_not_found")


def test_people_of_several_shops_choose():
    owner = make_user(role=Role.MERCHANT)
    first, second = make_shop().merchant, make_shop(username="second").merchant
    Merchant.objects.filter(pk__in=[first.pk, second.pk]).update(owner=owner)
    client = make_client(owner)

    made = client.post(URL, BODY, format="json", HTTP_X_MERCHANT="second").json()

    assert made["merchant"] == second.pk
    assert client.get(URL).json()["count"] == 0
    assert client.get(URL, {"merchant": "second"}).json()["count"] == 1
    assert client.get(f"{URL}/{made['id']}").status_code == 404


def test_who_may_write_follows_from_the_role():
    shop = make_shop()
    one = f"{URL}/{create(shop.owner).json()['id']}"

    assert create(staff_client(shop.merchant, StaffRole.MANAGER)).status_code == 201
    for role in (StaffRole.CASHIER, StaffRole.COOK):
        client = staff_client(shop.merchant, role)
        assert client.get(one).status_code == 200
        assert_error(create(client), 403, "role_not_sufficient")
        assert_error(client.patch(one, {"price": "1.00"}, format="json"), 403)
        assert_error(client.delete(one), 403)
        assert_error(upload(client), 403)
    assert_error(make_client().get(URL), 401)
    assert_error(make_client(make_user()).get(URL), 403)
    operator = make_client(make_user(role=Role.STAFF))
    assert_error(operator.get(URL), 403, "no_merchant")
    assert operator.get(URL, {"merchant": shop.merchant.username}).json()["count"] == 2


def test_a_suspended_shop_reads_and_does_not_write():
    shop = make_shop()
    one = f"{URL}/{create(shop.owner).json()['id']}"
    Merchant.objects.filter(pk=shop.merchant.pk).update(state=MerchantState.SUSPENDED)

    assert shop.owner.get(one).status_code == 200
    for answer in (
        create(shop.owner),
        shop.owner.patch(one, {"stock": 1}, format="json"),
        upload(shop.owner),
    ):
        assert_error(answer, 403, "merchant_not_active")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 256),
        ("title", "a\x00b"),
        ("price", "-1"),
        ("price", "NaN"),
        ("price", "1.001"),
        ("price", None),
        ("stock", -1),
        ("stock", 1.5),
        ("stock", 10**10),
        ("images", "x"),
        ("category", 0),
        ("category", "nowhere"),
        ("variants", [{"price": "1.00"}]),
        ("variants", "x"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_made(field, value):
    shop = make_shop()

    assert_error(create(shop.owner, **{field: value}), 400, field=field)
    assert not Product.objects.exists()


def test_a_whole_product_is_needed_for_put():
    shop = make_shop()
    one = f"{URL}/{create(shop.owner).json()['id']}"

    assert_error(shop.owner.put(one, {"price": "1.00"}, format="json"), 400, field="title")
    assert_error(shop.owner.put(one, {"title": "Scarf"}, format="json"), 400, field="price")
    assert_error(shop.owner.post(one, BODY, format="json"), 405)
    assert_error(shop.owner.delete(URL), 405)


def test_nobody_else_is_made_the_seller():
    shop, rival = make_shop(), make_shop()

    made = create(shop.owner, merchant=rival.merchant.pk, merchant_id=rival.merchant.pk, id=1)

    assert made.json()["merchant"] == shop.merchant.pk


def test_a_list_is_searched_paged_and_costs_three_queries_more_than_knowing_who_asks(
    django_assert_num_queries,
):
    shop = make_shop()
    category = make_category("Scarves")
    for number in range(3):
        make_product(
            f"Scarf {number}",
            merchant=shop.merchant,
            category=category,
            variants=[variant_input(sku=f"SC-{number}")],
        )
    make_product("Hat", merchant=shop.merchant, state="draft")

    with django_assert_num_queries(2 + 3):
        page = shop.owner.get(URL, {"page_size": 2}).json()

    assert (page["count"], len(page["results"])) == (4, 2)
    assert page["next"]
    assert page["results"][0]["state"] == "draft"
    assert [each["title"] for each in shop.owner.get(URL, {"search": "sc-1"}).json()["results"]] == [
        "Scarf 1"
    ]
    assert shop.owner.get(URL, {"search": "scarf"}).json()["count"] == 3
    assert_error(shop.owner.get(URL, {"page": 9}), 404)
    assert_error(shop.owner.get(URL, {"page": "x"}), 400, field="page")
