from __future__ import annotations

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.inventory.models import StockMovement
from karvon.inventory.services import Demand, take_stock
from karvon.inventory.tests.factories import default_branch, level_of, make_variant
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_branch, make_merchant, make_staff

pytestmark = pytest.mark.django_db

URL = "/api/v1/stock/"


@pytest.fixture
def variant():
    return make_variant(units=5)


@pytest.fixture
def client(variant):
    return make_client(variant.merchant.owner)


def test_levels_and_their_filters(variant, client):
    low = make_variant(merchant=variant.merchant, units=2, threshold=3)
    make_variant(units=9)

    answer = client.get(URL).json()
    assert answer["count"] == 2
    level = answer["results"][0]
    assert (level["on_hand"], level["reserved"], level["available"], level["is_low"]) == (5, 0, 5, False)
    assert level["variant"]["sku"] == variant.sku

    def found(**query):
        return [row["variant"]["id"] for row in client.get(URL, query).json()["results"]]

    assert found(low="true") == [low.pk]
    assert found(variant=variant.pk) == [variant.pk]
    assert found(product=low.product_id) == [low.pk]
    assert found(branch=default_branch(variant).pk) == [variant.pk, low.pk]
    assert found(search=low.sku.lower()) == [low.pk]
    for bad in ({"branch": "x"}, {"low": "perhaps"}, {"variant": 2**70}, {"page": "x"}):
        assert client.get(URL, bad).status_code in (400, 404)


def test_counting_over_http(variant, client):
    adjusted = client.post(
        f"{URL}adjust/", {"variant": variant.pk, "quantity_delta": -2, "reason": "broken"}, "json"
    )
    assert (adjusted.status_code, adjusted.json()["on_hand"]) == (200, 3)
    counted = client.post(f"{URL}adjust/", {"variant": variant.pk, "on_hand": 10}, "json")
    assert counted.json()["on_hand"] == 10
    received = client.post(f"{URL}receive/", {"variant": variant.pk, "quantity": 5}, "json")
    assert received.json()["on_hand"] == 15
    other = make_branch(variant.merchant)
    moved = client.post(
        f"{URL}transfer/",
        {
            "variant": variant.pk,
            "from_branch": default_branch(variant).pk,
            "to_branch": other.pk,
            "quantity": 6,
        },
        "json",
    ).json()
    assert (moved["from"]["on_hand"], moved["to"]["on_hand"]) == (9, 6)

    lines = client.get(f"{URL}movements/", {"variant": variant.pk}).json()
    assert lines["count"] == 6
    assert {(line["kind"], line["quantity"]) for line in lines["results"]} >= {
        ("adjust", -2),
        ("transfer_out", -6),
        ("transfer_in", 6),
    }
    assert client.get(f"{URL}movements/", {"kind": "receive"}).json()["count"] == 2
    assert client.get(f"{URL}movements/", {"kind": "theft"}).status_code == 400


def test_threshold_over_http(variant, client):
    url = f"{URL}{level_of(variant).pk}/"

    assert client.patch(url, {"low_threshold": 5}, "json").json()["is_low"] is True
    assert client.get(url).json()["low_threshold"] == 5
    assert client.patch(url, {"low_threshold": None}, "json").json()["is_low"] is False
    for bad in (-1, "x", 1.5, 2**40):
        assert client.patch(url, {"low_threshold": bad}, "json").status_code == 400
    assert client.patch(url, {}, "json").status_code == 400
    assert (
        client.patch(url, {"low_threshold": 1, "on_hand": 99, "reserved": 1}, "json").json()["on_hand"] == 5
    )


def test_promised_units_are_a_conflict(variant, client):
    take_stock(order_id=1, demands=[Demand(variant.pk, default_branch(variant).pk, 3)], commit=False)

    answer = client.post(f"{URL}adjust/", {"variant": variant.pk, "on_hand": 2}, "json")

    assert (answer.status_code, answer.json()["code"]) == (409, "stock_is_promised")
    assert level_of(variant).on_hand == 5


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"on_hand": 1, "quantity_delta": 1},
        {"on_hand": -1},
        {"on_hand": "NaN"},
        {"on_hand": 1.5},
        {"on_hand": 2**31},
        {"on_hand": 10**30},
        {"quantity_delta": 0},
        {"quantity_delta": "x"},
        {"quantity_delta": -(2**31)},
        {"on_hand": 1, "branch": "x"},
        {"on_hand": 1, "reason": "x" * 256},
        {"on_hand": 1, "reason": "a\x00b"},
    ],
)
def test_naughty_adjustments(variant, client, fields):
    answer = client.post(f"{URL}adjust/", {"variant": variant.pk} | fields, "json")

    assert answer.status_code == 400
    assert StockMovement.objects.count() == 1


@pytest.mark.parametrize("quantity", [0, -1, 2**31, "x", None, 1.5, True])
def test_naughty_receipts(variant, client, quantity):
    answer = client.post(f"{URL}receive/", {"variant": variant.pk, "quantity": quantity}, "json")

    assert answer.status_code == 400


def test_strangers_find_nothing(variant):
    level, branch = level_of(variant), default_branch(variant)
    stranger = make_client(make_merchant().owner)

    assert stranger.get(URL).json()["count"] == 0
    assert stranger.get(f"{URL}movements/").json()["count"] == 0
    for answer in (
        stranger.get(f"{URL}{level.pk}/"),
        stranger.get(f"{URL}{10**30}/"),
        stranger.patch(f"{URL}{level.pk}/", {"low_threshold": 1}, "json"),
        stranger.post(f"{URL}adjust/", {"variant": variant.pk, "branch": branch.pk, "on_hand": 0}, "json"),
        stranger.post(f"{URL}receive/", {"variant": variant.pk, "quantity": 1}, "json"),
        stranger.post(
            f"{URL}transfer/",
            {"variant": variant.pk, "from_branch": branch.pk, "to_branch": branch.pk + 1, "quantity": 1},
            "json",
        ),
    ):
        assert answer.status_code == 404
    level.refresh_from_db()
    assert (level.on_hand, level.low_threshold) == (5, None)


def test_own_variant_at_a_strangers_branch(variant, client):
    foreign = default_branch(make_variant(units=1))

    answer = client.post(f"{URL}adjust/", {"variant": variant.pk, "branch": foreign.pk, "on_hand": 9}, "json")

    assert answer.status_code == 404


def test_roles(variant):
    level = level_of(variant)
    cook = make_client(make_staff(variant.merchant, role=StaffRole.COOK).user)
    operator = make_client(make_user(role=Role.STAFF))

    assert cook.get(f"{URL}{level.pk}/").status_code == 200
    assert cook.post(f"{URL}adjust/", {"variant": variant.pk, "on_hand": 1}, "json").status_code == 403
    assert make_client(make_user()).get(URL).status_code == 403
    assert make_client().get(URL).status_code == 401
    assert operator.post(f"{URL}adjust/", {"variant": variant.pk, "on_hand": 1}, "json").status_code == 200


def test_a_repeated_receipt_is_booked_once(variant, client):
    body = {"variant": variant.pk, "quantity": 5}
    key = {"HTTP_IDEMPOTENCY_KEY": "delivery-118"}

    first = client.post(f"{URL}receive/", body, "json", **key)
    second = client.post(f"{URL}receive/", body, "json", **key)
    other = client.post(f"{URL}receive/", body | {"quantity": 6}, "json", **key)

    assert (first.status_code, second.status_code, other.status_code) == (200, 200, 409)
    assert second["Idempotency-Replayed"] == "true"
    assert second.json() == first.json()
    assert level_of(variant).on_hand == 10
