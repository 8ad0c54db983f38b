"""Registrations, logins, the own account, and customers."""

from __future__ import annotations

import jwt
import pytest

from karvon.accounts.models import Role, User
from karvon.accounts.services import issue_tokens
from karvon.accounts.tests.factories import PASSWORD, make_client, make_user
from tests.contracts.capstone.shop import make_bakery, order
from tests.contracts.checks import (
    assert_method_refused,
    assert_page,
    assert_refused,
    assert_shape,
    number,
    optional,
    text,
)

pytestmark = pytest.mark.django_db

USER = {"id": number, "username": text, "email": text, "first_name": text, "last_name": text}
CUSTOMER = {
    "id": number, "user_id": number, "phone": optional(text), "birth_date": optional(text),
    "membership": lambda value: value in ("B", "S", "G"),
}  # fmt: skip
REGISTER = {
    "username": "aziza",
    "email": "aziza@shop.example",
    "password": "right-horse-battery",
    "first_name": "Aziza",
    "last_name": "Karimova",
}
PROFILE = {"phone": "+998901234567", "birth_date": "1995-04-12", "membership": "G"}


def test_registering_makes_a_customer(clean_redis):
    guest = make_client()

    made = guest.post("/auth/users/", REGISTER, "json")

    assert made.status_code == 201
    assert_shape(made.json(), USER)
    assert "password" not in made.json()
    client = make_client(User.objects.get(username="aziza"))
    assert_shape(client.get("/store/customers/me/").json(), CUSTOMER)
    assert_refused(guest.post("/auth/users", REGISTER, "json"), 400, field="username")
    for missing in ("username", "email", "password"):
        body = {name: value for name, value in REGISTER.items() if name != missing}
        assert_refused(guest.post("/auth/users/", body, "json"), 400, field=missing)
    assert_method_refused(guest, "/auth/users/", "get", "put", "delete")


def test_logging_in_refreshing_and_verifying(clean_redis, settings):
    settings.STOREFRONT_TOKEN_LIFETIME = settings.ACCESS_TOKEN_LIFETIME * 3
    user, guest = make_user(username="aziza"), make_client()

    pair = guest.post("/auth/jwt/create/", {"username": "aziza", "password": PASSWORD}, "json").json()
    again = guest.post("/auth/jwt/refresh", {"refresh": pair["refresh"]}, "json").json()

    for each in (pair, again):
        assert_shape(each, {"access": text, "refresh": text})
        claims = jwt.decode(each["access"], options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == settings.STOREFRONT_TOKEN_LIFETIME.total_seconds()
    assert guest.post("/auth/jwt/verify/", {"token": again["access"]}, "json").json() == {}
    for prefix in ("JWT", "Bearer"):
        token = f"{prefix} {again['access']}"
        assert guest.get("/api/v1/auth/users/me/", HTTP_AUTHORIZATION=token).json()["id"] == user.pk
    assert_refused(guest.post("/auth/jwt/refresh/", {"refresh": pair["refresh"]}, "json"), 401)
    assert_refused(guest.post("/auth/jwt/verify/", {"token": again["access"]}, "json"), 401)
    assert_refused(guest.post("/auth/jwt/create/", {"username": "aziza", "password": "no"}, "json"), 401)
    assert_refused(guest.post("/auth/jwt/create/", {"username": "aziza"}, "json"), 400, field="password")
    for path in ("create", "refresh", "verify"):
        assert_method_refused(guest, f"/auth/jwt/{path}/", "get", "patch")


@pytest.mark.parametrize("slash", ["/", ""])
def test_the_own_account(slash):
    client = make_client(make_user())
    address = f"/auth/users/me{slash}"

    assert_shape(client.get(address).json(), USER)
    put = client.put(
        address, {"username": "aziza", "email": "a@shop.example", "first_name": "A", "last_name": "K"}
    )
    assert (put.status_code, put.json()["username"]) == (200, "aziza")
    assert client.patch(address, {"first_name": "Aziza"}, "json").json()["first_name"] == "Aziza"

    assert_refused(client.patch(address, {"email": "nothing"}, "json"), 400, field="email")
    assert_refused(make_client().get(address), 401)
    assert_method_refused(client, address, "post", "delete")


def test_a_token_of_any_login_works_here():
    user = make_user()
    token = issue_tokens(user=user).access

    for prefix in ("JWT", "Bearer"):
        answer = make_client().get("/store/customers/me/", HTTP_AUTHORIZATION=f"{prefix} {token}")
        assert answer.json()["user_id"] == user.pk
    assert_refused(make_client().get("/store/carts/", HTTP_AUTHORIZATION="JWT none"), 401)


@pytest.mark.parametrize("slash", ["/", ""])
def test_only_staff_change_a_membership(slash):
    buyer, staff = make_user(), make_user(role=Role.STAFF)
    address = f"/store/customers/me{slash}"

    changed = make_client(buyer).put(address, PROFILE, "json")

    assert changed.status_code == 200
    assert_shape(changed.json(), CUSTOMER)
    assert changed.json()["phone"] == PROFILE["phone"]
    assert (changed.json()["birth_date"], changed.json()["membership"]) == ("1995-04-12", "B")
    assert make_client(buyer).get(address).json() == changed.json()
    assert make_client(staff).put(address, {"membership": "S"}, "json").json()["membership"] == "S"
    for body in ({"membership": "X"}, {"birth_date": "tomorrow"}, {"phone": "12"}):
        assert_refused(make_client(buyer).put(address, body, "json"), 400, field=next(iter(body)))
    assert_refused(make_client().get(address), 401)
    assert_method_refused(make_client(buyer), address, "post", "patch", "delete")


def test_administrators_see_customers_and_their_history(clean_redis):
    shop = make_bakery()
    made = order(shop)
    history = f"/store/customers/{shop.buyer.pk}/history/"

    rows = assert_page(shop.admin.get("/store/customers/"))

    assert shop.buyer.pk in [each["id"] for each in rows]
    for each in rows:
        assert_shape(each, CUSTOMER)
    (told,) = assert_page(shop.admin.get(history))
    assert told["id"] == made["id"]
    assert_refused(shop.admin.get("/store/customers/0/history/"), 404)
    for address in ("/store/customers/", history):
        assert_refused(shop.customer.get(address), 403)
        assert_refused(shop.guest.get(address), 401)
        assert_method_refused(shop.admin, address, "post", "delete")
