from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_address, make_client, make_user
from karvon.carts.owner import CartOwner
from karvon.carts.tests.factories import cart_id_of, fill_cart
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.models import Order
from karvon.orders.tests.factories import ADDRESS, PHONE, make_guest_order, make_order, part_of

pytestmark = pytest.mark.django_db

URL = "/api/v1/orders/"
PARTS = "/api/v1/fulfilments/"
BODY = {
    "payment_method": "cash",
    "delivery_address": ADDRESS,
    "contact": {"name": "Aziza", "phone": "90 123 45 67"},
}


def guest_with(*items):
    client = make_client()
    client.credentials(HTTP_X_CART_ID=str(cart_id_of(fill_cart(*items))))
    return client


def count_queries(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_a_guest_orders_and_comes_back_with_the_token():
    client = guest_with((make_variant(units=5), 2))

    answer = client.post(URL, BODY, "json")

    assert answer.status_code == 201, answer.json()
    order = answer.json()
    assert (order["status"], order["contact"]["phone"], order["subtotal"]) == ("confirmed", PHONE, "20000.00")
    own = f"{URL}{order['id']}/"
    shown = make_client().get(f"{own}?token={order['token']}").json()
    assert shown == {key: value for key, value in order.items() if key != "token"}
    assert make_client().get(own).status_code == 401
    assert make_client().get(f"{own}?token=wrong").status_code == 404
    assert make_client().post(f"{own}cancel/?token=wrong", {}, "json").status_code == 404
    cancelled = make_client().post(f"{own}cancel/?token={order['token']}", {}, "json")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json()["timeline"][-1]["by"] == "customer"
    assert verify_books() == []


def test_a_customer_orders_to_an_address_of_their_own():
    user = make_user()
    fill_cart((make_variant(units=5), 1), owner=CartOwner(user_id=user.pk))
    body = {"payment_method": "cash", "address_id": make_address(make_user()).pk}

    assert make_client(user).post(URL, body, "json").status_code == 404
    answer = make_client(user).post(URL, body | {"address_id": make_address(user).pk}, "json")

    assert answer.status_code == 201, answer.json()
    assert answer.json()["delivery_address"]["line1"]


def test_a_customer_with_an_address_need_not_say_a_word():
    user = make_user()
    fill_cart((make_variant(units=5), 1), owner=CartOwner(user_id=user.pk))

    refusal = make_client(user).post(URL, {}, "json")
    assert (refusal.status_code, list(refusal.json()["details"])) == (400, ["delivery_address"])
    address = make_address(user)
    answer = make_client(user).post(URL, {}, "json")

    assert answer.status_code == 201, answer.json()
    assert answer.json()["payment_method"] == "cash"
    assert answer.json()["delivery_address"]["line1"] == address.line1


@pytest.mark.parametrize(
    "change",
    [
        {"payment_method": "gold"}, {"delivery_type": "drone"}, {"delivery_address": None}, {"contact": None},
        {"contact": {"name": "A", "phone": "1"}}, {"expected_total": "x"}, {"branch_id": 0},
    ],
)  # fmt: skip
def test_bad_bodies(change):
    variant = make_variant(units=5)

    answer = guest_with((variant, 1)).post(URL, BODY | change, "json")

    assert answer.status_code == 400, answer.json()
    assert (Order.objects.count(), level_of(variant).on_hand) == (0, 5)


def test_a_changed_total_is_told():
    answer = guest_with((make_variant(units=5), 1)).post(URL, BODY | {"expected_total": "1.00"}, "json")

    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert answer.json()["details"]["subtotal"] == ["10000.00"]


def test_strangers_get_404():
    order = make_order()
    part = part_of(order)
    stranger, shop = make_client(make_user()), make_client(make_merchant().owner)
    for client in (stranger, shop):
        assert client.get(f"{URL}{order.pk}/").status_code == 404
        assert client.get(f"{URL}{order.pk}/timeline/").status_code == 404
        for step in ("cancel", "reorder"):
            assert client.post(f"{URL}{order.pk}/{step}/", {}, "json").status_code == 404
        assert client.get(URL).json()["results"] == []
    assert shop.patch(f"{URL}{order.pk}/", {"status": "packed"}, "json").status_code == 404
    assert shop.get(f"{PARTS}{part.pk}/").status_code == 404
    assert shop.post(f"{PARTS}{part.pk}/transition/", {"to": "packed"}, "json").status_code == 404
    line = order.lines.get()
    body = {"lines": {str(line.pk): 1}}
    assert shop.post(f"{PARTS}{part.pk}/cancel-lines/", body, "json").status_code == 404
    assert shop.post(f"{URL}{order.pk}/mark-paid/", {}, "json").status_code == 403
    assert stranger.get(PARTS).status_code == 403
    assert make_client().get(URL).status_code == 401
    assert part_of(order).state == "confirmed"


def test_a_merchant_sees_and_moves_its_own_part_only():
    one, two = (
        make_variant(merchant=make_merchant(), units=5),
        make_variant(merchant=make_merchant(), units=5),
    )
    order = make_order((one, 1), (two, 2))
    shop = make_client(one.merchant.owner)

    shown = shop.get(f"{URL}{order.pk}/").json()
    assert [item["variant_id"] for item in shown["items"]] == [one.pk]
    assert [part["merchant"]["id"] for part in shown["fulfilments"]] == [one.merchant_id]
    assert shown["subtotal"] == "10000.00"
    (listed,) = shop.get(URL).json()["results"]
    assert listed["items"] == shown["items"]
    moved = shop.patch(f"{URL}{order.pk}/", {"status": "packed"}, "json")
    assert moved.status_code == 200
    assert moved.json()["status"] == moved.json()["fulfilments"][0]["status"] == "packed"
    assert shop.get(f"{URL}{order.pk}/").json()["status"] == "packed"
    assert make_client(order.customer).get(f"{URL}{order.pk}/").json()["status"] == "confirmed"
    for client, packed, confirmed in ((shop, 1, 0), (make_client(order.customer), 0, 1)):
        assert client.get(f"{URL}?status=packed").json()["count"] == packed
        assert client.get(f"{URL}?status=confirmed").json()["count"] == confirmed
    assert part_of(order, two.merchant_id).state == "confirmed"
    skipped = shop.put(f"{URL}{order.pk}/", {"status": "delivered"}, "json")
    assert (skipped.status_code, skipped.json()["code"]) == (409, "invalid_transition")
    assert verify_books() == []


def test_a_merchant_calls_its_own_part_off_only():
    one, two = (make_variant(merchant=make_merchant(), units=5) for _ in range(2))
    order = make_order((one, 1), (two, 2))
    shop = make_client(one.merchant.owner)

    answer = shop.post(f"{URL}{order.pk}/cancel/", {"reason": "closed today"}, "json")

    assert answer.status_code == 200, answer.json()
    assert [part["status"] for part in answer.json()["fulfilments"]] == ["cancelled"]
    assert part_of(order, two.merchant_id).state == "confirmed"
    again = shop.post(f"{URL}{order.pk}/cancel/", {}, "json")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert verify_books() == []


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_customer_may_not_set_the_status(method):
    """403 for one's own, 404 for others': which orders there are is nobody's business."""
    order = make_order()

    def send(client, pk=order.pk):
        return getattr(client, method)(f"{URL}{pk}/", {"status": "cancelled"}, "json").status_code

    assert send(make_client(order.customer)) == 403
    assert send(make_client(make_user())) == 404
    assert send(make_client(order.customer), pk=1) == 404
    assert send(make_client()) == 401
    buyer = make_merchant().owner
    own = make_order(customer=buyer)
    assert send(make_client(buyer), pk=own.pk) == 403
    assert part_of(order).state == part_of(own).state == "confirmed"


def test_a_part_goes_its_way():
    variant = make_variant(units=5)
    order = make_order((variant, 2))
    shop, part = make_client(variant.merchant.owner), part_of(order)
    line = order.lines.get()

    body = {"lines": {str(line.pk): 1}, "reason": "ran out"}
    cut = shop.post(f"{PARTS}{part.pk}/cancel-lines/", body, "json")
    assert (cut.status_code, cut.json()["items"][0]["cancelled_quantity"]) == (200, 1)
    for bad in ({}, {"x": 1}, {str(line.pk): 0}, []):
        assert shop.post(f"{PARTS}{part.pk}/cancel-lines/", {"lines": bad}, "json").status_code == 400
    for to in ("packed", "shipped", "delivered"):
        answer = shop.post(f"{PARTS}{part.pk}/transition/", {"to": to}, "json")
        assert (answer.status_code, answer.json()["status"]) == (200, to)
    for query in ("", f"?search={part.number}", f"?search={order.number[-4:]}", "?status=delivered"):
        assert [each["id"] for each in shop.get(f"{PARTS}{query}").json()["results"]] == [part.pk]
    for query in ("?search=nothing", "?status=packed"):
        assert shop.get(f"{PARTS}{query}").json()["results"] == []
    assert Order.objects.get(pk=order.pk).payment_state == "paid"
    assert verify_books() == []


def test_payments_by_hand():
    order = make_order(payment_method="bank_transfer")
    staff = make_client(make_user(role=Role.STAFF))

    for _ in range(2):
        answer = staff.post(f"{URL}{order.pk}/mark-paid/", {"reference": "4711"}, "json")
        assert (answer.status_code, answer.json()["payment_status"]) == (200, "paid")
    assert make_client(order.customer).post(f"{URL}{order.pk}/mark-paid/", {}, "json").status_code == 403
    assert verify_books() == []


@pytest.mark.django_db(transaction=True)
def test_the_same_again():
    order = make_order()

    answer = make_client(order.customer).post(f"{URL}{order.pk}/reorder/")

    assert (answer.status_code, answer.json()) == (200, {"missing": []})
    assert make_client(order.customer).get("/api/v1/cart/").json()["item_count"] == 2


def test_filters():
    order = make_order()
    client, day = make_client(order.customer), order.placed_at.date()

    def numbers(query):
        return [each["number"] for each in client.get(f"{URL}?{query}").json()["results"]]

    fitting = (
        "state=confirmed",
        "status=confirmed",
        f"date_from={day}",
        f"date_to={day}",
        f"search={order.number[-4:]}",
    )
    for query in fitting:
        assert numbers(query) == [order.number], query
    for query in ("state=delivered", "date_to=2001-01-01", "date_from=2901-01-01", "search=nothing"):
        assert numbers(query) == [], query
    for query in ("state=gone", "status=x", "date_from=yesterday", "date_to=9"):
        assert client.get(f"{URL}?{query}").status_code == 400, query


def test_lists_take_as_many_queries_for_one_as_for_many():
    user, merchant = make_user(), make_merchant()
    make_order((make_variant(merchant=merchant, units=5), 1), customer=user)
    clients = [
        (make_client(user), URL),
        (make_client(merchant.owner), URL),
        (make_client(merchant.owner), PARTS),
    ]
    before = [count_queries(*each) for each in clients]

    for _ in range(3):
        make_order((make_variant(merchant=merchant, units=5), 1), customer=user)

    assert [count_queries(*each) for each in clients] == before


def test_guests_orders_are_not_in_lists():
    make_guest_order()

    assert make_client(make_user()).get(URL).json()["results"] == []
    assert len(make_client(make_user(role=Role.ADMIN)).get(URL).json()["results"]) == 1
