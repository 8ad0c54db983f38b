"""Branches over HTTP."""

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.merchants.models import Branch, MerchantState
from karvon.merchants.tests.factories import make_branch, make_merchant, make_staff

pytestmark = pytest.mark.django_db

BODY = {"name": "Chorsu", "address": "Navoi 7", "city": "Tashkent", "delivery_fee": "15000.50"}


@pytest.fixture
def merchant():
    return make_merchant()


def url_of(merchant, branch=None):
    base = f"/api/v1/merchants/{merchant.pk}/branches/"
    return base if branch is None else f"{base}{branch.pk}/"


def test_a_branch_is_opened_and_shown(merchant):
    client = make_client(merchant.owner)

    answer = client.post(url_of(merchant), BODY, format="json")

    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    assert (shown["name"], shown["name_en"], shown["address"]) == ("Chorsu", "Chorsu", "Navoi 7")
    assert (shown["delivery_fee"], shown["free_delivery_from"], shown["minimum_order"]) == (
        "15000.50",
        None,
        "0.00",
    )
    assert (shown["currency"], shown["is_default"], shown["is_active"]) == ("UZS", False, True)
    branch = Branch.objects.get(pk=shown["id"])
    assert make_client().get(url_of(merchant, branch)).json() == shown
    assert make_client().get(f"/api/v1/branches/{branch.pk}/").json() == shown


def test_branches_are_filtered(merchant):
    make_branch(merchant, city="Tashkent", offers_delivery=False)
    make_branch(make_merchant(), city="Samarkand", is_default=False)
    client = make_client()

    def count(query=""):
        return client.get(f"/api/v1/branches/?{query}").json()["count"]

    assert count() == 4
    assert count("city=tashkent") == 1
    assert count(f"merchant={merchant.pk}") == count(f"merchant={merchant.username}") == 2
    assert count("offers_delivery=false") == 1
    assert count("offers_pickup=true") == 4
    assert client.get("/api/v1/branches/?offers_pickup=maybe").status_code == 400
    assert client.get("/api/v1/branches/?merchant=nobody").status_code == 404


def test_closed_branches_and_those_of_suspended_merchants_are_hidden(merchant):
    closed = make_branch(merchant, is_active=False)
    suspended = make_merchant(state=MerchantState.SUSPENDED)
    hidden = suspended.branches.get()
    client = make_client()

    assert client.get("/api/v1/branches/").json()["count"] == 1
    assert client.get(f"/api/v1/branches/{closed.pk}/").status_code == 404
    assert client.get(f"/api/v1/branches/{hidden.pk}/").status_code == 404
    assert client.get(url_of(suspended)).status_code == 404
    assert client.get(url_of(merchant)).json()["count"] == 1
    assert make_client(merchant.owner).get(url_of(merchant)).json()["count"] == 2
    assert make_client(make_user(role=Role.STAFF)).get("/api/v1/branches/").json()["count"] == 3


def test_texts_of_several_languages_are_changed_at_once(merchant):
    branch = merchant.branches.get()

    answer = make_client(merchant.owner).patch(
        url_of(merchant, branch), {"name_ru": "Чорсу", "name_uz": "Chorsu"}, format="json"
    )

    assert answer.status_code == 200, answer.json()
    shown = make_client().get(url_of(merchant, branch), HTTP_ACCEPT_LANGUAGE="ru").json()
    assert (shown["name"], shown["name_uz"]) == ("Чорсу", "Chorsu")


def test_the_default_mark_moves_and_stays_on_an_open_branch(merchant):
    first, second = merchant.branches.get(), make_branch(merchant)
    client = make_client(merchant.owner)

    assert client.patch(url_of(merchant, first), {"is_default": False}, format="json").status_code == 409
    assert client.patch(url_of(merchant, first), {"is_active": False}, format="json").status_code == 409
    assert client.delete(url_of(merchant, first)).status_code == 409
    moved = client.patch(url_of(merchant, second), {"is_default": True}, format="json")
    assert moved.json()["is_default"] is True
    assert list(merchant.branches.filter(is_default=True)) == [second]
    assert client.delete(url_of(merchant, first)).status_code == 204
    assert list(merchant.branches.all()) == [second]


def test_a_closed_branch_cannot_become_the_default(merchant):
    closed = make_branch(merchant, is_active=False)

    answer = make_client(merchant.owner).patch(url_of(merchant, closed), {"is_default": True}, format="json")

    assert answer.status_code == 409
    assert list(merchant.branches.filter(is_default=True)) == list(merchant.branches.exclude(pk=closed.pk))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"delivery_fee": "-1"}, "delivery_fee"),
        ({"minimum_order": "1e5x"}, "minimum_order"),
        ({"free_delivery_from": "Infinity"}, "free_delivery_from"),
        ({"delivery_fee": "1.001"}, "delivery_fee"),
        ({"latitude": "1"}, "latitude"),
        ({"latitude": "91", "longitude": "1"}, "latitude"),
        ({"phone": "x"}, "phone"),
        ({"name": ""}, "name"),
    ],
)
def test_impossible_branches_are_refused(merchant, change, field):
    answer = make_client(merchant.owner).post(url_of(merchant), BODY | change, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == [field]
    assert merchant.branches.count() == 1


def test_a_branch_cannot_be_given_to_another_merchant(merchant):
    branch, other = merchant.branches.get(), make_merchant()
    client = make_client(merchant.owner)

    client.patch(url_of(merchant, branch), {"merchant": other.pk, "merchant_id": other.pk}, format="json")
    created = client.post(url_of(merchant), BODY | {"merchant": other.pk, "id": 1}, format="json").json()

    branch.refresh_from_db()
    assert branch.merchant_id == merchant.pk
    assert created["merchant"]["id"] == merchant.pk


def test_managers_do_it_and_others_do_not(merchant):
    manager, cook = make_staff(merchant), make_staff(merchant, role="cook")

    assert make_client(manager.user).post(url_of(merchant), BODY, format="json").status_code == 201
    assert make_client(cook.user).post(url_of(merchant), BODY, format="json").status_code == 403
    assert (
        make_client(make_user(role=Role.STAFF)).post(url_of(merchant), BODY, format="json").status_code == 201
    )


def test_to_strangers_there_is_nothing_to_change(merchant):
    extra = make_branch(merchant, name="Before")
    for stranger in (make_user(), make_merchant().owner, make_staff(merchant, is_active=False).user):
        client = make_client(stranger)
        assert client.post(url_of(merchant), BODY, format="json").status_code == 404
        assert client.patch(url_of(merchant, extra), {"name": "x"}, format="json").status_code == 404
        assert client.delete(url_of(merchant, extra)).status_code == 404
    guest = make_client()
    assert guest.post(url_of(merchant), BODY, format="json").status_code == 401
    assert guest.patch(url_of(merchant, extra), {}, format="json").status_code == 401
    assert guest.delete(url_of(merchant, extra)).status_code == 401
    extra.refresh_from_db()
    assert extra.name == "Before"
    assert merchant.branches.count() == 2


def test_another_merchants_branch_is_not_reached_through_the_own_shop(merchant):
    foreign = make_branch(make_merchant(), name="Before")
    client = make_client(merchant.owner)

    assert client.get(url_of(merchant, foreign)).status_code == 404
    assert client.patch(url_of(merchant, foreign), {"name": "x"}, format="json").status_code == 404
    assert client.delete(url_of(merchant, foreign)).status_code == 404
    foreign.refresh_from_db()
    assert foreign.name == "Before"


def test_a_suspended_merchant_opens_no_branch():
    merchant = make_merchant(state=MerchantState.SUSPENDED)

    assert make_client(merchant.owner).post(url_of(merchant), BODY, format="json").status_code == 403


def test_the_list_costs_two_queries(merchant, django_assert_num_queries):
    for _number in range(5):
        make_branch(merchant)

    with django_assert_num_queries(2):
        assert make_client().get("/api/v1/branches/").json()["count"] == 6
