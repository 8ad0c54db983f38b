"""`/api/store/` of the merchant platform contract."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.tests.factories import make_modifier_group, make_product, variant_input
from karvon.inventory.tests.factories import level_of, stock_up
from karvon.merchants.models import Branch, Merchant, MerchantState
from karvon.orders.models import Order
from tests.contracts.merchant.people import make_shop
from tests.contracts.merchant.shapes import MONEY, TIME, assert_error, assert_shape

pytestmark = pytest.mark.django_db

STORE = {"name": str, "username": str, "logo": (str, type(None)), "whatsapp_link": str, "instagram_link": str}
PRODUCT = {
    "id": int,
    "merchant": int,
    "title": str,
    "description": str,
    "price": MONEY,
    "stock": int,
    "images": list,
    "created_at": TIME,
}
ORDER = {
    "id": int,
    "merchant": int,
    "customer_name": str,
    "customer_phone": str,
    "address": str,
    "items": list,
    "total": MONEY,
    "status": str,
    "confirmation_method": str,
    "tracking_token": str,
}
both_spellings = pytest.mark.parametrize("slash", ["", "/"])


def make_store(**fields):
    return make_shop(username="aziza-silk", name="Aziza Silk", default_language="uz", **fields)


def put_up(shop, title="Ikat scarf", units=10, price="250000", **fields):
    variant = variant_input(price, tracks_stock=True)
    product = make_product(title, merchant=shop.merchant, variants=[variant], **fields)
    if units:
        stock_up(product.variants.get(), units)
    return product


def body_for(product, quantity=2, **changes):
    return {
        "customer_name": "Dilshod",
        "customer_phone": "90 111 22 33",
        "address": "Amir Temur 12",
        "items": [{"product_id": product.pk, "quantity": quantity}],
        "confirmation_method": "phone",
        "note": "Second floor",
    } | changes


def order(body, client=None, slash="", **headers):
    return (client or make_client()).post(
        f"/api/store/aziza-silk/orders{slash}", body, format="json", **headers
    )


@both_spellings
def test_the_page_of_a_store(slash):
    shop = make_store()
    product = put_up(shop, description="<p>Silk</p>")
    put_up(make_shop(), "Somebody else's scarf")
    put_up(shop, "Not yet", state="draft")

    answer = make_client().get(f"/api/store/Aziza-Silk{slash}")

    page = answer.json()
    assert answer.status_code == 200, page
    assert_shape(page, {"store": dict, "products": dict})
    assert_shape(page["store"], STORE)
    assert_shape(
        page["products"], {"count": int, "next": type(None), "previous": type(None), "results": list}
    )
    (shown,) = page["products"]["results"]
    assert_shape(shown, PRODUCT)
    assert (shown["id"], shown["price"], shown["stock"]) == (product.pk, "250000.00", 10)
    assert {"kyc_status", "user", "payment_preference"} & page["store"].keys() == set()


def test_a_store_is_searched_and_paged(django_assert_max_num_queries):
    shop = make_store()
    for title in ("Ikat scarf", "Ikat robe", "Silk hat"):
        put_up(shop, title)
    client = make_client()

    def titles(**query):
        return [
            each["title"] for each in client.get("/api/store/aziza-silk", query).json()["products"]["results"]
        ]

    assert titles() == ["Silk hat", "Ikat robe", "Ikat scarf"]
    assert set(titles(search="ikat")) == {"Ikat scarf", "Ikat robe"}
    assert titles(search="!!!") == []
    assert titles(page_size=2, page=2) == ["Ikat scarf"]
    # another merchant cannot be asked for at this address
    assert len(titles(merchant=put_up(make_shop(), "Other").merchant.username)) == 3
    first = client.get("/api/store/aziza-silk", {"page_size": 2}).json()["products"]
    assert client.get(first["next"]).json()["products"]["previous"]
    assert_error(client.get("/api/store/aziza-silk", {"page": 9}), 404)
    assert_error(client.get("/api/store/aziza-silk", {"page": "x"}), 400, field="page")
    with django_assert_max_num_queries(3):
        client.get("/api/store/aziza-silk", {"page_size": 1})


@pytest.mark.parametrize("state", [MerchantState.SUSPENDED, MerchantState.CLOSED])
def test_a_store_that_is_not_open_is_not_there(state):
    shop = make_store()
    product = put_up(shop)
    Merchant.objects.filter(pk=shop.merchant.pk).update(state=state)

    for client in (make_client(), shop.owner):
        assert_error(client.get("/api/store/aziza-silk"), 404, "merchant_not_found")
        assert_error(order(body_for(product), client), 404, "merchant_not_found")
    assert not Order.objects.exists()


@pytest.mark.parametrize("username", ["nobody", "1", "ü", "a b", "x" * 200, "%00"])
def test_an_unknown_store_is_not_there(username):
    assert make_client().get(f"/api/store/{username}").status_code in (400, 404)
    shop = make_store()
    assert_error(make_client().get(f"/api/store/{shop.merchant.pk}"), 404)


@both_spellings
def test_a_guest_orders(slash):
    shop = make_store()
    product = put_up(shop)

    answer = order(body_for(product), slash=slash)

    placed = answer.json()
    assert answer.status_code == 201, placed
    assert_shape(placed, ORDER)
    assert (placed["customer_name"], placed["customer_phone"]) == ("Dilshod", "+998901112233")
    assert (placed["address"], placed["note"]) == ("Amir Temur 12", "Second floor")
    assert (placed["total"], placed["status"]) == ("500000.00", "confirmed")
    assert (placed["confirmation_method"], placed["whatsapp_url"]) == ("phone", None)
    assert (placed["items"][0]["product_id"], placed["items"][0]["quantity"]) == (product.pk, 2)
    assert level_of(product.variants.get()).on_hand == 8
    row = Order.objects.get()
    assert (row.channel, row.customer, row.confirmation_method) == ("store", None, "phone")
    tracked = make_client().get(f"/api/v1/orders/{placed['id']}/", {"token": placed["tracking_token"]})
    assert tracked.json()["total"] == "500000.00"
    assert placed["tracking_url"].endswith(f"/api/v1/orders/{placed['id']}/?token={placed['tracking_token']}")
    # the shop's own list shows what the answer showed
    seen = shop.owner.get(f"/api/merchant/orders/{placed['id']}").json()
    assert seen == {name: placed[name] for name in seen}


def test_a_customer_finds_the_order_among_theirs():
    product, customer = put_up(make_store()), make_user()

    placed = order(body_for(product), make_client(customer)).json()

    assert Order.objects.get(pk=placed["id"]).customer == customer


@pytest.mark.parametrize("from_phone", [False, True])
def test_whatsapp_opens_with_the_order_in_the_shops_language(from_phone):
    link = {"phone": "+998901234567"} if from_phone else {"whatsapp_link": "https://wa.me/998901234567"}
    product = put_up(make_store(**link), "Ikat & silk #1")

    placed = order(body_for(product, confirmation_method="whatsapp"), HTTP_ACCEPT_LANGUAGE="ru").json()

    address = urlsplit(placed["whatsapp_url"])
    (text,) = parse_qs(address.query)["text"]
    assert (address.scheme, address.netloc, address.path) == ("https", "wa.me", "/998901234567")
    assert text.startswith("Assalomu alaykum")
    for part in (placed["number"], "2 × Ikat & silk #1", "Dilshod", "+998901112233", "Amir Temur 12", "500"):
        assert part in text
    assert " " not in placed["whatsapp_url"]


def test_a_shop_without_a_number_has_no_chat():
    product = put_up(make_store())

    assert order(body_for(product, confirmation_method="whatsapp")).json()["whatsapp_url"] is None


def test_a_variant_may_be_named_and_the_same_twice_adds_up():
    shop = make_store()
    variants = [variant_input("100", tracks_stock=True), variant_input("200", tracks_stock=True)]
    product = make_product("Shirt", merchant=shop.merchant, variants=variants)
    small, large = product.variants.order_by("pk")
    for variant in (small, large):
        stock_up(variant, 3)
    items = [
        {"product_id": product.pk, "variant_id": large.pk, "quantity": 1},
        {"product_id": product.pk, "variant_id": large.pk, "quantity": 1},
        {"product_id": product.pk, "quantity": 1},
    ]

    placed = order(body_for(product, items=items)).json()

    assert [(each["variant_id"], each["quantity"]) for each in placed["items"]] == [
        (large.pk, 2),
        (small.pk, 1),
    ]
    assert placed["total"] == "500.00"


def test_fees_are_the_branchs():
    shop = make_store()
    Branch.objects.filter(merchant=shop.merchant).update(delivery_fee=Decimal(15_000))
    product = put_up(shop)

    delivered = order(body_for(product)).json()
    collected = order(body_for(product, delivery_type="pickup", address="")).json()

    assert (delivered["delivery_fee"], delivered["total"]) == ("15000.00", "515000.00")
    assert (collected["delivery_fee"], collected["total"], collected["address"]) == ("0.00", "500000.00", "")


def test_more_than_there_is_is_refused_and_nothing_is_taken():
    product = put_up(make_store(), units=3)
    one = {"product_id": product.pk, "quantity": 2}

    for body in (body_for(product, 4), body_for(product, items=[one, one])):
        refused = order(body)
        assert_error(refused, 409, "insufficient_stock")
        assert refused.json()["details"]["available"] == ["3"]
    assert not Order.objects.exists()
    assert level_of(product.variants.get()).on_hand == 3


def test_goods_of_others_hidden_and_unknown_ones_are_not_there():
    shop = make_store()
    mine = put_up(shop)
    theirs, hidden = put_up(make_shop(), "Other"), put_up(shop, "Draft", state="draft")
    foreign_variant = theirs.variants.get().pk
    for item in (
        {"product_id": theirs.pk},
        {"product_id": hidden.pk},
        {"product_id": 10**12},
        {"product_id": mine.pk, "variant_id": foreign_variant},
        {"product_id": theirs.pk, "variant_id": foreign_variant},
    ):
        assert_error(order(body_for(mine, items=[item | {"quantity": 1}])), 404, "product_not_found")
    assert not Order.objects.exists()


def test_modifiers_are_asked_for_and_priced():
    shop = make_store()
    group = make_modifier_group(shop.merchant, "Ketchup", "Mayonnaise", min_picks=1, max_picks=1)
    product = put_up(shop, "Fries", modifier_group_ids=(group.pk,))
    picked = group.modifiers.first()

    assert_error(order(body_for(product)), 400, "invalid_modifiers")
    items = [{"product_id": product.pk, "quantity": 1, "modifiers": [picked.pk]}]
    assert order(body_for(product, items=items)).json()["items"][0]["modifiers"] == [picked.name]


def test_the_same_key_orders_once():
    product = put_up(make_store())
    key = {"HTTP_IDEMPOTENCY_KEY": "store-order-1"}

    first, second = order(body_for(product), **key), order(body_for(product), **key)

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Order.objects.count() == 1
    assert_error(order(body_for(product, 1), **key), 409, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_name", ""),
        ("customer_name", "a\x00b"),
        ("customer_phone", "12"),
        ("customer_phone", None),
        ("address", "x" * 256),
        ("items", []),
        ("items", "x"),
        ("items", [{"product_id": 1, "quantity": 0}]),
        ("items", [{"product_id": 1, "quantity": -1}]),
        ("items", [{"product_id": 1, "quantity": 1.5}]),
        ("items", [{"product_id": "x", "quantity": 1}]),
        ("items", [{"quantity": 1}]),
        ("confirmation_method", "pigeon"),
        ("confirmation_method", None),
        ("payment_method", "stripe"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_ordered(field, value):
    product = put_up(make_store())

    assert_error(order(body_for(product, **{field: value})), 400, field=field)
    assert not Order.objects.exists()


def test_delivery_needs_an_address():
    assert_error(order(body_for(put_up(make_store()), address="")), 400)


def test_too_many_lines_are_refused(settings):
    settings.KARVON_CART_MAX_LINES = 2
    product = put_up(make_store())

    assert_error(
        order(body_for(product, items=[{"product_id": product.pk, "quantity": 1}] * 3)), 409, "cart_full"
    )


def test_prices_and_states_in_the_body_mean_nothing():
    product = put_up(make_store())

    placed = order(
        body_for(product, total="1.00", status="delivered", merchant=1, price="1.00", customer=1)
    ).json()

    assert (placed["total"], placed["status"]) == ("500000.00", "confirmed")


def test_orders_are_counted_by_caller(settings):
    settings.KARVON_THROTTLES = settings.KARVON_THROTTLES | {"guest_orders": "1/h"}
    product = put_up(make_store())

    assert order(body_for(product)).status_code == 201
    assert_error(order(body_for(product)), 429)
    assert make_client().get("/api/store/aziza-silk").status_code == 200


def test_pages_are_read_and_orders_are_posted():
    make_store()

    assert_error(make_client().post("/api/store/aziza-silk", {}, format="json"), 405)
    assert_error(make_client().get("/api/store/aziza-silk/orders"), 405)
