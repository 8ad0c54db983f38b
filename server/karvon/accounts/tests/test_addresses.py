"""/addresses/"""

import pytest

from karvon.accounts.models import Address
from karvon.accounts.services import addresses
from karvon.accounts.tests.factories import make_address, make_client, make_user

pytestmark = pytest.mark.django_db

URL = "/api/v1/addresses/"


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def client(user):
    return make_client(user)


def defaults_of(user):
    return list(user.addresses.filter(is_default=True).values_list("pk", flat=True))


def test_an_address_is_kept_as_given(client, user):
    body = {
        "label": "Home",
        "line1": "Amir Temur 12",
        "city": "Tashkent",
        "country": "uz",
        "phone": "90 123 45 67",
        "latitude": "41.311081",
        "longitude": "69.240562",
    }

    answer = client.post(URL, body, format="json")

    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    assert (shown["label"], shown["line1"], shown["country"]) == ("Home", "Amir Temur 12", "UZ")
    assert (shown["phone"], shown["latitude"]) == ("+998901234567", "41.311081")
    assert shown["is_default"] is True
    assert client.get(f"{URL}{shown['id']}/").json() == shown
    assert client.get(URL).json()["results"] == [shown]


def test_the_default_mark_moves(client, user):
    first, second = (client.post(URL, {"line1": line}, format="json").json() for line in "ab")

    moved = client.patch(f"{URL}{second['id']}/", {"is_default": True}, format="json")

    assert (first["is_default"], second["is_default"]) == (True, False)
    assert moved.json()["is_default"] is True
    assert defaults_of(user) == [second["id"]]
    third = client.post(URL, {"line1": "c", "is_default": True}, format="json").json()
    assert defaults_of(user) == [third["id"]]
    assert [row["line1"] for row in client.get(URL).json()["results"]] == ["c", "a", "b"]


def test_the_default_mark_cannot_be_taken_off(client, user):
    only = client.post(URL, {"line1": "a"}, format="json").json()

    answer = client.patch(f"{URL}{only['id']}/", {"is_default": False}, format="json")

    assert answer.status_code == 400
    assert defaults_of(user) == [only["id"]]


def test_removing_the_default_hands_the_mark_on(client, user):
    first, second = (client.post(URL, {"line1": line}, format="json").json() for line in "ab")

    assert client.delete(f"{URL}{first['id']}/").status_code == 204

    assert defaults_of(user) == [second["id"]]
    assert client.delete(f"{URL}{second['id']}/").status_code == 204
    assert not user.addresses.exists()


def test_put_needs_the_street(client, user):
    address = make_address(user, city="Tashkent")

    assert client.put(f"{URL}{address.pk}/", {"city": "x"}, format="json").status_code == 400
    answer = client.put(f"{URL}{address.pk}/", {"line1": "New"}, format="json")

    assert (answer.status_code, answer.json()["line1"], answer.json()["city"]) == (200, "New", "Tashkent")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"latitude": "41"}, "latitude"),
        ({"latitude": "91", "longitude": "0"}, "latitude"),
        ({"latitude": "0", "longitude": "181"}, "longitude"),
        ({"latitude": "NaN", "longitude": "0"}, "latitude"),
        ({"country": "U1"}, "country"),
        ({"phone": "123"}, "phone"),
        ({"line1": ""}, "line1"),
        ({"line1": "a\x00b"}, "line1"),
    ],
)
def test_impossible_addresses_are_refused(client, user, change, field):
    answer = client.post(URL, {"line1": "a"} | change, format="json")

    assert answer.status_code == 400
    assert field in answer.json()["details"]
    assert not user.addresses.exists()


def test_another_persons_address_is_not_there(user):
    address = make_address(user)
    stranger = make_user()
    client = make_client(stranger)
    url = f"{URL}{address.pk}/"

    answers = [
        client.get(url),
        client.put(url, {"line1": "x"}, format="json"),
        client.patch(url, {"is_default": True, "user": stranger.pk}, format="json"),
        client.delete(url),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert client.get(URL).json()["count"] == 0
    before = address.line1
    address.refresh_from_db()
    assert (address.user_id, address.line1, address.is_default) == (user.pk, before, False)


def test_an_address_cannot_be_put_into_anothers_book(client, user):
    stranger = make_user()

    client.post(URL, {"line1": "a", "user": stranger.pk, "user_id": stranger.pk, "id": 5}, format="json")

    assert Address.objects.get().user == user


def test_guests_have_no_addresses(user):
    url = f"{URL}{make_address(user).pk}/"
    client = make_client()

    answers = [
        client.get(URL),
        client.post(URL, {}),
        client.get(url),
        client.put(url),
        client.patch(url),
        client.delete(url),
    ]

    assert {answer.status_code for answer in answers} == {401}


def test_the_book_is_finite(client, user, monkeypatch):
    monkeypatch.setattr(addresses, "MAX_ADDRESSES", 2)
    for line in "ab":
        client.post(URL, {"line1": line}, format="json")

    answer = client.post(URL, {"line1": "c"}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_addresses")
    assert user.addresses.count() == 2


def test_an_impossible_id_is_just_not_there(client):
    assert client.get(f"{URL}{10**30}/").status_code == 404


def test_the_list_costs_three_queries(client, user, django_assert_num_queries):
    for _number in range(10):
        make_address(user)

    with django_assert_num_queries(3):
        client.get(URL)
