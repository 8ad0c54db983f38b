"""A guest fills a cart, logs in or registers, and finds it again."""

import pytest
import redis

from karvon.accounts.tests.factories import PASSWORD, make_client, make_user
from karvon.carts.owner import CartOwner
from karvon.carts.services import get_cart
from karvon.carts.tests.factories import cart_id_of, empty_redis, fill_cart
from karvon.inventory.tests.factories import make_variant

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/jwt/create/"


@pytest.fixture(autouse=True)
def _empty_redis():
    empty_redis()


@pytest.fixture
def guest_cart():
    return fill_cart((make_variant(units=5), 2))


def quantities_of(user_id):
    cart = get_cart(CartOwner(user_id=user_id))
    return [] if cart.quote is None else [line.line.quantity for line in cart.quote.lines]


def log_in(user, client=None, **headers):
    body = {"username": user.username, "password": PASSWORD}
    return (client or make_client()).post(LOGIN, body, format="json", **headers)


def test_a_cart_named_by_the_header_is_taken_over_once(guest_cart):
    user = make_user()
    header = {"HTTP_X_CART_ID": str(cart_id_of(guest_cart))}

    assert log_in(user, **header).status_code == 200
    assert log_in(user, **header).status_code == 200

    assert quantities_of(user.pk) == [2]


def test_a_cart_named_by_the_cookie_is_taken_over(guest_cart):
    user = make_user()
    client = make_client()
    client.cookies["cart_id"] = str(cart_id_of(guest_cart))

    log_in(user, client)

    assert quantities_of(user.pk) == [2]


def test_a_new_person_keeps_the_cart(guest_cart):
    answer = make_client().post(
        "/api/v1/auth/users/",
        {"email": "aziza@example.com", "password": PASSWORD},
        format="json",
        HTTP_X_CART_ID=str(cart_id_of(guest_cart)),
    )

    assert quantities_of(answer.json()["id"]) == [2]


@pytest.mark.parametrize("named", ["x", "", "7d1c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c4d"])
def test_a_cart_that_is_none_hinders_nobody(named):
    user = make_user()

    assert log_in(user, HTTP_X_CART_ID=named).status_code == 200
    assert quantities_of(user.pk) == []


def test_a_wrong_password_takes_no_cart_over(guest_cart):
    user = make_user()

    answer = make_client().post(
        LOGIN,
        {"username": user.username, "password": "wrong"},
        format="json",
        HTTP_X_CART_ID=str(cart_id_of(guest_cart)),
    )

    assert answer.status_code == 401
    assert quantities_of(user.pk) == []


def test_people_log_in_while_the_cart_store_is_down(guest_cart, monkeypatch):
    def refuse(*args, **kwargs):
        raise redis.ConnectionError

    user = make_user()
    monkeypatch.setattr(redis.connection.Connection, "send_packed_command", refuse)

    assert log_in(user, HTTP_X_CART_ID=str(cart_id_of(guest_cart))).status_code == 200
