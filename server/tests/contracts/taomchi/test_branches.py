"""Branches and health as the food ordering contract documents them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.tests.factories import make_client
from karvon.merchants.tests.factories import make_branch, make_merchant
from tests.contracts.checks import (
    assert_method_refused,
    assert_page,
    assert_refused,
    assert_shape,
    flag,
    listing,
    mapping,
    money,
    number,
    optional,
    rating,
    text,
)

pytestmark = pytest.mark.django_db

BRANCH = {
    "id": number, "name": text, "address": text, "opening_hours": listing, "zones": listing, "is_open": flag,
    "location": optional(mapping), "minimum_order": money, "delivery_fee": money,
}  # fmt: skip
TASHKENT, SAMARKAND, BUKHARA = (
    ("41.311081", "69.240562"),
    ("39.654167", "66.959722"),
    ("39.774722", "64.428611"),
)


def put_branch(merchant, name, point):
    latitude, longitude = map(Decimal, point)
    return make_branch(merchant, name=name, latitude=latitude, longitude=longitude)


@pytest.mark.parametrize("slash", ["/", ""])
def test_branches_of_shops_that_are_open(slash):
    merchant = make_merchant(with_branch=False)
    open_one = put_branch(merchant, "Chilonzor", TASHKENT)
    make_branch(merchant, name="Closed", is_active=False)
    make_merchant(state="suspended")

    with CaptureQueriesContext(connection) as queries:
        (shown,) = assert_page(make_client().get(f"/api/branches{slash}"))

    assert len(queries) <= 3
    assert_shape(shown, BRANCH)
    assert (shown["id"], shown["is_open"], shown["zones"]) == (open_one.pk, True, [])
    assert shown["location"] == {"lat": 41.311081, "lng": 69.240562}


@pytest.mark.parametrize("slash", ["/", ""])
def test_the_nearest_branch_is_first(slash):
    merchant = make_merchant()  # its own branch is on no map
    for name, point in (("Bukhara", BUKHARA), ("Tashkent", TASHKENT), ("Samarkand", SAMARKAND)):
        put_branch(merchant, name, point)

    found = assert_page(make_client().get(f"/api/branches/nearest{slash}", {"lat": "41.3", "lng": "69.3"}))

    assert [each["name"] for each in found] == ["Tashkent", "Samarkand", "Bukhara"]
    for each in found:
        assert_shape(each, BRANCH | {"distance_km": rating})
    # great circles by another formula (law of cosines), in kilometres
    assert [round(each["distance_km"]) for each in found] == [5, 270, 445]


def test_the_other_side_of_the_earth_is_half_a_turn_away():
    put_branch(make_merchant(with_branch=False), "Far", ("-41.3", "-110.7"))

    (far,) = assert_page(make_client().get("/api/branches/nearest/", {"lat": "41.3", "lng": "69.3"}))

    assert far["distance_km"] == pytest.approx(20_015.1, abs=0.1)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"lng": "69"}, "lat"),
        ({"lat": "41"}, "lng"),
        ({"lat": "91", "lng": "69"}, "lat"),
        ({"lat": "41", "lng": "181"}, "lng"),
        ({"lat": "nan", "lng": "69"}, "lat"),
        ({"lat": "41", "lng": "inf"}, "lng"),
        ({"lat": "north", "lng": "69"}, "lat"),
    ],
)
def test_what_a_point_must_be(asked, field):
    assert_refused(make_client().get("/api/branches/nearest/", asked), 400, field=field)


def test_branches_are_only_read():
    for address in ("/api/branches/", "/api/branches/nearest/"):
        assert_method_refused(make_client(), address, "post", "put", "patch", "delete")
    assert_refused(make_client().get("/api/branches/", {"page": "9"}), 404)


@pytest.mark.parametrize("address", ["/api/health", "/api/health/"])
def test_health(address):
    answer = make_client().get(address)

    assert answer.status_code == 200
    assert_shape(answer.json(), {"status": text, "service": text, "checks": mapping})
    assert_method_refused(make_client(), address, "post", "put", "patch", "delete")
