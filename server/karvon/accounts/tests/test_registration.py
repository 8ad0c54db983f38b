"""POST /auth/users/"""

import pytest

from karvon.accounts.models import Role, User
from karvon.accounts.tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db

URL = "/api/v1/auth/users/"
BODY = {
    "email": "Aziza@Example.com",
    "username": "Aziza",
    "password": "right-horse-battery-9",
    "first_name": "Aziza",
    "last_name": "Karimova",
}


def register(**changes):
    return make_client().post(URL, BODY | changes, format="json")


def test_a_new_person_is_answered_without_password():
    answer = register()

    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body["email"] == "aziza@example.com"
    assert body["username"] == "Aziza"
    assert (body["first_name"], body["last_name"]) == ("Aziza", "Karimova")
    assert body["role"] == "customer"
    assert "password" not in body
    assert User.objects.get().password.split("$")[0] != BODY["password"]


def test_a_phone_alone_is_enough():
    answer = make_client().post(URL, {"phone": "90 123 45 67", "password": BODY["password"]}, format="json")

    assert answer.status_code == 201
    assert answer.json()["phone"] == "+998901234567"
    assert answer.json()["email"] is None


def test_without_any_name_nobody_is_registered():
    answer = register(email="", username=None)

    assert answer.status_code == 400
    assert answer.json()["details"]["email"]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("email", "AZIZA@example.COM"), ("username", "aZiZa"), ("phone", "+998901234567")]
)
def test_a_taken_name_is_refused_whatever_its_case(field, value):
    make_user(email="aziza@example.com", username="aziza", phone="+998901234567")
    others = {"email": "new@example.com", "username": "newcomer", "phone": "+998901234568"}

    answer = register(**(others | {field: value}))

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == [field]
    assert User.objects.count() == 1


def test_all_bad_names_are_told_at_once():
    answer = register(email="nope", username="аziza", phone="1")

    assert answer.status_code == 400
    assert set(answer.json()["details"]) == {"email", "username", "phone"}


@pytest.mark.parametrize("password", ["short1", "password", "8472936150", "aziza@example.com"])
def test_weak_passwords_are_refused(password):
    answer = register(password=password)

    assert answer.status_code == 400
    assert answer.json()["details"]["password"]
    assert not User.objects.exists()


def test_password_rules_speak_the_callers_language():
    english = register(password="12345").json()["details"]["password"]
    russian = (
        make_client()
        .post(URL, BODY | {"password": "12345"}, format="json", HTTP_ACCEPT_LANGUAGE="ru")
        .json()["details"]["password"]
    )

    assert english != russian


def test_nobody_makes_themselves_somebody():
    answer = register(
        role="admin",
        is_staff=True,
        is_superuser=True,
        is_active=False,
        token_version=9,
        is_email_verified=True,
        id=1,
    )

    assert answer.status_code == 201
    user = User.objects.get()
    assert user.role == Role.CUSTOMER
    assert not user.is_superuser
    assert not user.is_staff
    assert user.is_active
    assert user.token_version == 0
    assert not user.is_email_verified


def test_the_callers_language_becomes_the_persons():
    answer = make_client().post(URL, BODY, format="json", HTTP_ACCEPT_LANGUAGE="ru")

    assert answer.json()["language"] == "ru"


@pytest.mark.parametrize("body", [[], "x", 1, None, {"password": {}}, {"email": ["a"], "password": "\x00"}])
def test_nonsense_is_a_400(body):
    answer = make_client().post(URL, body, format="json")

    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "code", "details"}
