"""The people of a merchant over HTTP."""

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.merchants.models import MerchantStaff, StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/users/me/"


@pytest.fixture
def merchant():
    return make_merchant()


def url_of(merchant, staff=None):
    base = f"/api/v1/merchants/{merchant.pk}/staff/"
    return base if staff is None else f"{base}{staff.pk}/"


def take_on(actor, merchant, person, role="cashier"):
    return make_client(actor).post(url_of(merchant), {"user": person, "role": role}, format="json")


@pytest.mark.parametrize("name", ["email", "username", "phone"])
def test_the_owner_takes_somebody_on(merchant, name):
    person = make_user(phone="+998901234567", first_name="Aziza")

    answer = take_on(merchant.owner, merchant, getattr(person, name))

    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    assert (shown["role"], shown["is_active"]) == ("cashier", True)
    assert shown["user"] == {
        "id": person.pk,
        "username": person.username,
        "first_name": "Aziza",
        "last_name": "",
    }
    person.refresh_from_db()
    assert person.role == Role.MERCHANT_STAFF
    assert make_client(merchant.owner).get(url_of(merchant)).json()["results"] == [shown]


def test_nobody_is_taken_on_twice(merchant):
    staff = make_staff(merchant)

    assert take_on(merchant.owner, merchant, staff.user.email).status_code == 409
    assert take_on(merchant.owner, merchant, merchant.owner.email).status_code == 409


@pytest.mark.parametrize("person", ["nobody@example.com", "closed@example.com", "\u200b"])
def test_only_open_accounts_are_taken_on(merchant, person):
    make_user(email="closed@example.com", is_active=False)

    answer = take_on(merchant.owner, merchant, person)

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["user"]
    assert not MerchantStaff.objects.exists()


def test_a_role_is_one_of_the_list(merchant):
    person = make_user()

    assert take_on(merchant.owner, merchant, person.email, role="owner").status_code == 400
    assert take_on(merchant.owner, merchant, person.email, role="admin").status_code == 400
    person.refresh_from_db()
    assert person.role == Role.CUSTOMER


def test_managers_look_after_all_but_managers(merchant):
    manager, other = make_staff(merchant).user, make_staff(merchant)
    cook = make_staff(merchant, role=StaffRole.COOK)
    client = make_client(manager)

    assert take_on(manager, merchant, make_user().email).status_code == 201
    assert take_on(manager, merchant, make_user().email, role="manager").status_code == 403
    assert client.patch(url_of(merchant, cook), {"role": "manager"}, format="json").status_code == 403
    assert client.patch(url_of(merchant, other), {"is_active": False}, format="json").status_code == 403
    assert client.delete(url_of(merchant, other)).status_code == 403
    assert client.patch(url_of(merchant, cook), {"role": "cashier"}, format="json").status_code == 200
    assert client.delete(url_of(merchant, cook)).status_code == 204


def test_others_see_and_change_nobody(merchant):
    cashier = make_staff(merchant, role=StaffRole.CASHIER)
    client = make_client(cashier.user)

    assert client.get(url_of(merchant)).status_code == 403
    assert client.patch(url_of(merchant, cashier), {"role": "manager"}, format="json").status_code == 403
    assert client.delete(url_of(merchant, cashier)).status_code == 403
    assert take_on(cashier.user, merchant, make_user().email).status_code == 403
    cashier.refresh_from_db()
    assert cashier.role == StaffRole.CASHIER


def test_whoever_is_removed_loses_every_token_and_right(merchant):
    staff = make_staff(merchant)
    theirs = make_client(staff.user)
    assert theirs.get(url_of(merchant)).status_code == 200

    assert make_client(merchant.owner).delete(url_of(merchant, staff)).status_code == 204

    assert theirs.get(ME).status_code == 401
    staff.user.refresh_from_db()
    assert staff.user.role == Role.CUSTOMER
    assert make_client(staff.user).get(url_of(merchant)).status_code == 404


def test_whoever_is_suspended_loses_them_too_until_brought_back(merchant):
    staff = make_staff(merchant)
    theirs = make_client(staff.user)
    owner = make_client(merchant.owner)

    owner.patch(url_of(merchant, staff), {"is_active": False}, format="json")

    assert theirs.get(ME).status_code == 401
    staff.user.refresh_from_db()
    assert staff.user.role == Role.CUSTOMER
    assert make_client(staff.user).get(url_of(merchant)).status_code == 404
    owner.patch(url_of(merchant, staff), {"is_active": True}, format="json")
    staff.user.refresh_from_db()
    assert staff.user.role == Role.MERCHANT_STAFF
    assert make_client(staff.user).get(url_of(merchant)).status_code == 200


def test_whoever_works_elsewhere_too_stays_staff(merchant):
    staff = make_staff(merchant)
    make_staff(make_merchant(), user=staff.user)

    make_client(merchant.owner).delete(url_of(merchant, staff))

    staff.user.refresh_from_db()
    assert staff.user.role == Role.MERCHANT_STAFF


def test_a_changed_role_keeps_the_logins(merchant):
    staff = make_staff(merchant, role=StaffRole.COOK)
    theirs = make_client(staff.user)

    answer = make_client(merchant.owner).patch(url_of(merchant, staff), {"role": "manager"}, format="json")

    assert answer.json()["role"] == "manager"
    assert theirs.get(url_of(merchant)).status_code == 200


def test_person_and_merchant_of_a_row_stay(merchant):
    staff, other = make_staff(merchant), make_merchant()

    make_client(merchant.owner).patch(
        url_of(merchant, staff), {"user": other.owner_id, "merchant": other.pk, "id": 1}, format="json"
    )

    before = (staff.user_id, staff.merchant_id)
    staff.refresh_from_db()
    assert (staff.user_id, staff.merchant_id) == before


def test_strangers_learn_nothing(merchant):
    staff = make_staff(merchant)
    known = make_user()
    for stranger in (make_user(), make_merchant().owner):
        client = make_client(stranger)
        assert client.get(url_of(merchant)).status_code == 404
        assert take_on(stranger, merchant, known.email).status_code == 404
        assert take_on(stranger, merchant, "nobody@example.com").status_code == 404
        assert client.patch(url_of(merchant, staff), {"is_active": False}, format="json").status_code == 404
        assert client.delete(url_of(merchant, staff)).status_code == 404
    guest = make_client()
    assert guest.get(url_of(merchant)).status_code == 401
    assert guest.post(url_of(merchant), {}).status_code == 401
    assert guest.patch(url_of(merchant, staff), {}).status_code == 401
    assert guest.delete(url_of(merchant, staff)).status_code == 401
    staff.refresh_from_db()
    assert staff.is_active


def test_another_merchants_people_are_not_reached_through_the_own_shop(merchant):
    foreign = make_staff(make_merchant())
    client = make_client(merchant.owner)

    assert client.patch(url_of(merchant, foreign), {"is_active": False}, format="json").status_code == 404
    assert client.delete(url_of(merchant, foreign)).status_code == 404
    foreign.refresh_from_db()
    assert foreign.is_active


def test_the_list_costs_a_fixed_number_of_queries(merchant, django_assert_num_queries):
    for _number in range(5):
        make_staff(merchant)
    client = make_client(merchant.owner)

    # who calls, which shop, the right, count, page
    with django_assert_num_queries(5):
        assert client.get(url_of(merchant)).json()["count"] == 5
