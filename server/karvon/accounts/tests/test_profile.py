"""/auth/users/me/, its password and its end."""

import pytest

from karvon.accounts.models import Address, RefreshFamily, Role
from karvon.accounts.services import issue_tokens
from karvon.accounts.tests.factories import PASSWORD, make_address, make_client, make_user

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/users/me/"
CHANGE = "/api/v1/auth/users/me/password/"
LOGIN = "/api/v1/auth/jwt/create/"
NEW_PASSWORD = "left-mule-capacitor-4"


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_profile_is_changed_and_what_is_left_out_stays(method):
    user = make_user(first_name="Aziza", phone="+998901234567")
    client = make_client(user)

    answer = getattr(client, method)(
        ME, {"last_name": "K", "language": "ru", "birth_date": "1990-05-01"}, format="json"
    )

    assert answer.status_code == 200, answer.json()
    body = client.get(ME).json()
    assert body == answer.json()
    assert (body["first_name"], body["last_name"], body["language"]) == ("Aziza", "K", "ru")
    assert (body["birth_date"], body["phone"]) == ("1990-05-01", "+998901234567")


@pytest.mark.parametrize("method", ["put", "patch"])
def test_nobody_changes_what_they_are(method):
    user = make_user()
    client = make_client(user)

    getattr(client, method)(
        ME,
        {
            "id": 1,
            "role": "admin",
            "is_staff": True,
            "is_superuser": True,
            "is_active": False,
            "is_email_verified": True,
            "token_version": 4,
            "password": "x",
            "first_name": "Still me",
        },
        format="json",
    )

    user.refresh_from_db()
    assert user.role == Role.CUSTOMER
    assert (user.is_superuser, user.is_active, user.is_email_verified) == (False, True, False)
    assert user.check_password(PASSWORD)
    assert user.first_name == "Still me"


def test_a_changed_email_has_to_be_verified_again():
    user = make_user(is_email_verified=True, email="a@example.com")
    client = make_client(user)

    kept = client.patch(ME, {"email": "A@Example.com"}, format="json").json()
    changed = client.patch(ME, {"email": "b@example.com"}, format="json").json()

    assert kept["is_email_verified"] is True
    assert (changed["email"], changed["is_email_verified"]) == ("b@example.com", False)


@pytest.mark.parametrize("field", ["email", "username", "phone"])
def test_anothers_name_cannot_be_taken(field):
    other = make_user(phone="+998901234567")
    user = make_user(phone="+998901234568")
    before = getattr(user, field)

    answer = make_client(user).patch(ME, {field: getattr(other, field).upper()}, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == [field]
    user.refresh_from_db()
    assert getattr(user, field) == before


def test_one_name_has_to_stay():
    client = make_client(make_user(username=None, email="a@example.com"))

    answer = client.patch(ME, {"email": ""}, format="json")

    assert answer.status_code == 400
    assert client.get(ME).json()["email"] == "a@example.com"


@pytest.mark.parametrize(
    "change", [{"language": "xx"}, {"birth_date": "2999-01-01"}, {"birth_date": "1800-01-01"}, {"email": "x"}]
)
def test_impossible_changes_are_refused(change):
    answer = make_client(make_user()).patch(ME, change, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == list(change)


def test_guests_have_no_profile():
    client = make_client()

    answers = [
        client.get(ME),
        client.put(ME, {}),
        client.patch(ME, {}),
        client.delete(ME),
        client.post(CHANGE, {}),
    ]

    assert {answer.status_code for answer in answers} == {401}


def change_password(client, current=PASSWORD, new=NEW_PASSWORD):
    return client.post(CHANGE, {"current_password": current, "new_password": new}, format="json")


def test_a_changed_password_ends_every_login_but_the_one_it_answers_with():
    user = make_user()
    elsewhere = issue_tokens(user=user)
    client = make_client(user)

    answer = change_password(client)

    assert answer.status_code == 200, answer.json()
    assert client.get(ME).status_code == 401
    assert make_client().get(ME, HTTP_AUTHORIZATION=f"JWT {elsewhere.access}").status_code == 401
    assert make_client().get(ME, HTTP_AUTHORIZATION=f"JWT {answer.json()['access']}").status_code == 200
    names = {"username": user.username}
    assert make_client().post(LOGIN, names | {"password": PASSWORD}, format="json").status_code == 401
    assert make_client().post(LOGIN, names | {"password": NEW_PASSWORD}, format="json").status_code == 200


def test_a_wrong_current_password_changes_nothing_and_is_counted(settings):
    settings.LOGIN_FAILURES_PER_ACCOUNT = 3
    user = make_user()
    client = make_client(user)

    answers = [change_password(client, current="wrong") for _attempt in range(4)]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert list(answers[0].json()["details"]) == ["current_password"]
    assert change_password(client).status_code == 429
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert client.get(ME).status_code == 200


def test_a_weak_new_password_is_refused():
    user = make_user()
    client = make_client(user)

    answer = change_password(client, new="12345678")

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["new_password"]
    assert client.get(ME).status_code == 200


def close(client, password=PASSWORD):
    return client.delete(ME, {"current_password": password}, format="json")


def test_a_closed_account_is_nobody_and_its_names_are_free():
    user = make_user(
        username="aziza", email="a@example.com", phone="+998901234567", first_name="Aziza", last_name="K"
    )
    make_address(user)
    client = make_client(user)

    assert close(client).status_code == 204

    user.refresh_from_db()
    assert (user.username, user.email, user.phone) == (None, None, None)
    assert (user.first_name, user.last_name, user.birth_date) == ("", "", None)
    assert not user.is_active
    assert user.closed_at is not None
    assert not user.has_usable_password()
    assert not Address.objects.exists()
    assert not RefreshFamily.objects.filter(revoked_at=None).exists()
    assert not RefreshFamily.objects.exclude(ip=None, user_agent="").exists()
    assert client.get(ME).status_code == 401
    assert make_user(username="aziza", email="a@example.com", phone="+998901234567").pk != user.pk


def test_closing_needs_the_password():
    user = make_user()
    client = make_client(user)

    assert close(client, password="wrong").status_code == 400
    assert client.delete(ME).status_code == 400
    assert client.get(ME).status_code == 200
