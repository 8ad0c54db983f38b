"""/merchants/ over HTTP."""

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel.testing import drain_outbox
from karvon.media.models import Asset
from karvon.merchants.models import Branch, Merchant, MerchantState
from karvon.merchants.services import merchants as merchant_services
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db

URL = "/api/v1/merchants/"
BODY = {"username": "Samarkand-Plov", "name": "Samarkand Plov", "kind": "restaurant", "currency": "UZS"}


def make_logo(merchant, owner_ref=None, sha256="0" * 64):
    return Asset.objects.create(
        owner_ref=owner_ref or f"merchant:{merchant.pk}",
        sha256=sha256,
        file=f"{sha256[:8]}.png",
        content_type="image/png",
        width=10,
        height=10,
        size_bytes=10,
    )


def test_a_person_opens_a_shop_with_a_default_branch():
    person = make_user()
    client = make_client(person)

    answer = client.post(URL, BODY | {"description": "Plov from eleven on"}, format="json")

    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    assert (shown["username"], shown["name"], shown["kind"]) == (
        "samarkand-plov",
        "Samarkand Plov",
        "restaurant",
    )
    assert (shown["state"], shown["description_en"]) == ("active", "Plov from eleven on")
    merchant = Merchant.objects.get()
    assert merchant.owner == person
    branch = Branch.objects.get()
    assert (branch.merchant, branch.name, branch.is_default, branch.is_active) == (
        merchant,
        "Samarkand Plov",
        True,
        True,
    )
    person.refresh_from_db()
    assert person.role == Role.MERCHANT
    assert client.get("/api/v1/auth/users/me/merchants/").json()["results"] == [
        {"merchant": {key: shown[key] for key in client.get(URL).json()["results"][0]}, "role": "owner"}
    ]


def test_an_operator_who_opens_a_shop_stays_one():
    operator = make_user(role=Role.STAFF)

    make_client(operator).post(URL, BODY, format="json")

    operator.refresh_from_db()
    assert operator.role == Role.STAFF


def test_what_is_not_asked_for_cannot_be_set():
    person, other = make_user(), make_user()

    answer = make_client(person).post(
        URL, BODY | {"owner": other.pk, "owner_id": other.pk, "state": "suspended", "id": 9}, format="json"
    )

    assert answer.status_code == 201
    merchant = Merchant.objects.get()
    assert (merchant.owner, merchant.state) == (person, MerchantState.ACTIVE)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "12345"}, "username"),
        ({"username": "плов"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "SHOP-ONE"}, "username"),
        ({"name": " "}, "name"),
        ({"kind": "bank"}, "kind"),
        ({"currency": "u1s"}, "currency"),
        ({"default_language": "xx"}, "default_language"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"tax_rate": "100"}, "tax_rate"),
        ({"tax_rate": "-1"}, "tax_rate"),
        ({"tax_rate": "NaN"}, "tax_rate"),
        ({"email": "x"}, "email"),
        ({"phone": "x"}, "phone"),
    ],
)
def test_impossible_shops_are_refused(change, field):
    make_merchant(username="shop-one")
    person = make_user()

    answer = make_client(person).post(URL, BODY | change, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == [field]
    assert Merchant.objects.count() == 1
    person.refresh_from_db()
    assert person.role == Role.CUSTOMER


def test_one_person_owns_no_chain_of_empty_shops(monkeypatch):
    monkeypatch.setattr(merchant_services, "MAX_OWNED", 1)
    client = make_client(make_user())
    client.post(URL, BODY, format="json")

    answer = client.post(URL, BODY | {"username": "second"}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_merchants")


def test_anyone_sees_active_merchants_by_id_and_username():
    active = make_merchant(username="plov", name="Plov")
    suspended = make_merchant(state=MerchantState.SUSPENDED)
    client = make_client()

    assert [row["id"] for row in client.get(URL).json()["results"]] == [active.pk]
    assert client.get(f"{URL}{active.pk}/").json()["username"] == "plov"
    assert client.get(f"{URL}PLOV/").json()["id"] == active.pk
    for key in (suspended.pk, suspended.username, "nobody", 10**30, "a b", "é"):
        assert client.get(f"{URL}{key}/").status_code == 404


def test_own_people_and_operators_see_suspended_ones():
    suspended = make_merchant(state=MerchantState.SUSPENDED)
    staff = make_staff(suspended)
    former = make_staff(suspended, is_active=False)
    url = f"{URL}{suspended.pk}/"

    def sees(user):
        return make_client(user).get(url).status_code == 200

    assert sees(suspended.owner)
    assert sees(staff.user)
    assert sees(make_user(role=Role.ADMIN))
    assert not sees(former.user)
    assert not sees(make_user(role=Role.MERCHANT))
    assert not sees(None)


def test_lists_are_searched_and_filtered():
    make_merchant(name="Plov house", kind="restaurant")
    make_merchant(name="Phones")
    client = make_client()

    def names(query):
        return [row["name"] for row in client.get(f"{URL}?{query}").json()["results"]]

    assert names("search=plov") == ["Plov house"]
    assert names("kind=shop") == ["Phones"]
    assert names("search=100%25") == []
    assert client.get(f"{URL}?kind=bank").status_code == 400
    assert client.get(f"{URL}?page=9").status_code == 404
    assert client.get(f"{URL}?page=x").status_code == 400


def test_the_description_comes_in_the_readers_language_else_the_shops():
    merchant = make_merchant(default_language="uz", description_uz="Osh", description_ru="Плов")
    url = f"{URL}{merchant.pk}/"

    def description(language):
        return make_client().get(url, HTTP_ACCEPT_LANGUAGE=language).json()["description"]

    assert (description("ru"), description("uz"), description("en")) == ("Плов", "Osh", "Osh")


def test_the_owner_changes_the_shop():
    merchant = make_merchant()
    logo = make_logo(merchant)
    client = make_client(merchant.owner)

    answer = client.patch(
        f"{URL}{merchant.username}/",
        {"name": "New", "description_ru": "Новый", "logo": logo.pk, "tax_rate": "12"},
        format="json",
    )

    assert answer.status_code == 200, answer.json()
    shown = answer.json()
    assert (shown["name"], shown["description_ru"], shown["tax_rate"]) == ("New", "Новый", "12.00")
    assert shown["logo"]["id"] == logo.pk
    assert client.patch(f"{URL}{merchant.pk}/", {"logo": None}, format="json").json()["logo"] is None


def test_owner_state_and_currency_are_not_the_owners_to_change():
    merchant = make_merchant()
    other = make_user()

    answer = make_client(merchant.owner).patch(
        f"{URL}{merchant.pk}/",
        {"owner": other.pk, "owner_id": other.pk, "state": "closed", "currency": "USD", "id": 7},
        format="json",
    )

    assert answer.status_code == 200
    before = merchant.owner_id
    merchant.refresh_from_db()
    assert (merchant.owner_id, merchant.state, merchant.currency) == (before, "active", "UZS")


def test_a_logo_is_one_of_the_shops_own_pictures():
    merchant, other = make_merchant(), make_merchant()
    foreign = make_logo(other)

    answer = make_client(merchant.owner).patch(f"{URL}{merchant.pk}/", {"logo": foreign.pk}, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["logo"]


@pytest.mark.parametrize("role", ["manager", "cashier", "cook", "courier_manager"])
def test_staff_do_not_change_the_shop(role):
    staff = make_staff(make_merchant(name="Before"), role=role)

    answer = make_client(staff.user).patch(f"{URL}{staff.merchant_id}/", {"name": "x"}, format="json")

    assert answer.status_code == 403
    assert Merchant.objects.get().name == "Before"


def test_to_strangers_there_is_nothing_to_change():
    merchant = make_merchant(name="Before")
    url = f"{URL}{merchant.pk}/"

    for stranger in (make_user(), make_merchant(name="Other").owner):
        assert make_client(stranger).patch(url, {"name": "x"}, format="json").status_code == 404
    assert make_client().patch(url, {"name": "x"}, format="json").status_code == 401
    assert make_client().post(URL, BODY, format="json").status_code == 401
    merchant.refresh_from_db()
    assert merchant.name == "Before"


def test_a_suspended_shop_changes_nothing():
    merchant = make_merchant(name="Before", state=MerchantState.SUSPENDED)

    answer = make_client(merchant.owner).patch(f"{URL}{merchant.pk}/", {"name": "x"}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "merchant_not_active")
    merchant.refresh_from_db()
    assert merchant.name == "Before"


def post(user, merchant, verb):
    return make_client(user).post(f"{URL}{merchant.pk}/{verb}/", {"reason": "Because"}, format="json")


def test_operators_suspend_and_bring_back():
    merchant = make_merchant()
    operator = make_user(role=Role.STAFF)

    assert post(operator, merchant, "suspend").json()["state"] == "suspended"
    assert make_client().get(f"{URL}{merchant.pk}/").status_code == 404
    assert post(operator, merchant, "suspend").status_code == 200
    assert post(operator, merchant, "activate").json()["state"] == "active"
    assert make_client().get(f"{URL}{merchant.pk}/").status_code == 200


@pytest.mark.parametrize("verb", ["suspend", "activate"])
def test_nobody_else_suspends_or_brings_back(verb):
    merchant = make_merchant()

    for user in (merchant.owner, make_staff(merchant).user, make_user(), make_user(role=Role.COURIER)):
        assert post(user, merchant, verb).status_code == 403
    assert post(None, merchant, verb).status_code == 401
    merchant.refresh_from_db()
    assert merchant.state == MerchantState.ACTIVE


def test_the_owner_gives_up_and_only_operators_bring_back():
    merchant = make_merchant()
    operator = make_user(role=Role.ADMIN)

    assert post(make_user(), merchant, "close").status_code == 404
    assert post(make_staff(merchant).user, merchant, "close").status_code == 403
    assert post(merchant.owner, merchant, "close").json()["state"] == "closed"
    assert post(merchant.owner, merchant, "activate").status_code == 403
    assert post(operator, merchant, "suspend").status_code == 409
    assert post(operator, merchant, "activate").json()["state"] == "active"


def test_a_suspension_has_a_reason_and_a_timeline():
    merchant = make_merchant()
    operator = make_user(role=Role.STAFF)
    url = f"{URL}{merchant.pk}/"

    refused = make_client(operator).post(f"{url}suspend/", {"reason": " "}, format="json")
    post(operator, merchant, "suspend")
    post(operator, merchant, "activate")

    assert (refused.status_code, list(refused.json()["details"])) == (400, ["reason"])
    steps = make_client(merchant.owner).get(f"{url}timeline/").json()["results"]
    assert [(step["from_state"], step["to_state"], step["note"], step["actor_role"]) for step in steps] == [
        ("suspended", "active", "Because", "staff"),
        ("active", "suspended", "Because", "staff"),
    ]
    assert merchant.steps.latest("id").actor == operator
    assert make_client(make_staff(merchant, role="cook").user).get(f"{url}timeline/").status_code == 403
    assert make_client(make_user()).get(f"{url}timeline/").status_code == 404


def test_operators_delete_a_shop_but_nothing_of_it():
    merchant = make_merchant(username="gone")
    operator = make_client(make_user(role=Role.STAFF))
    url = f"{URL}{merchant.pk}/"

    assert make_client(merchant.owner).delete(url).status_code == 403
    assert make_client(make_user()).delete(url).status_code == 404
    assert make_client().delete(url).status_code == 401
    assert Merchant.objects.get().state == "active"
    assert operator.delete(f"{url}?reason=Fraud").status_code == 204
    assert operator.delete(url).status_code == 204

    assert make_client().get(url).status_code == 404
    assert operator.get(URL).json()["count"] == 0
    assert [row["state"] for row in operator.get(f"{URL}?state=deleted").json()["results"]] == ["deleted"]
    assert [(step.to_state, step.note) for step in merchant.steps.all()] == [("deleted", "Fraud")]
    assert post(make_user(role=Role.ADMIN), merchant, "activate").status_code == 404
    again = make_client(make_user()).post(URL, BODY | {"username": "gone"}, format="json")
    assert again.status_code == 400, "orders name it: its address goes to nobody else"


def test_a_suspended_owner_cannot_close_away():
    merchant = make_merchant(state=MerchantState.SUSPENDED)

    assert post(merchant.owner, merchant, "close").status_code == 403


def test_the_list_costs_a_fixed_number_of_queries(django_assert_num_queries):
    for number in range(5):
        merchant = make_merchant()
        merchant.logo = make_logo(merchant, sha256=str(number) * 64)
        merchant.save()

    # count, page with logos, renditions
    with django_assert_num_queries(3):
        assert make_client().get(URL).json()["count"] == 5


def test_own_shops_cost_a_fixed_number_of_queries(django_assert_num_queries):
    user = make_user()
    for _number in range(3):
        make_staff(make_merchant(), user=user)
    client = make_client(user)

    with django_assert_num_queries(3):
        assert len(client.get("/api/v1/auth/users/me/merchants/").json()["results"]) == 3


def test_shops_one_works_for_are_told_with_the_role():
    user = make_user()
    make_staff(make_merchant(), user=user, role="cook")
    make_staff(make_merchant(), user=user, role="manager", is_active=False)

    assert [
        row["role"] for row in make_client(user).get("/api/v1/auth/users/me/merchants/").json()["results"]
    ] == ["cook"]
    assert make_client().get("/api/v1/auth/users/me/merchants/").status_code == 401


def test_a_change_that_windows_show_is_announced_once():
    from karvon.kernel.models import OutboxEvent

    merchant = make_merchant()
    client = make_client(merchant.owner)

    def announced():
        events = OutboxEvent.objects.filter(type="merchants.merchant_changed")
        return [event.payload["merchant_id"] for event in events]

    client.patch(f"{URL}{merchant.pk}/", {"phone": "+998901234567"}, format="json")
    assert announced() == []
    client.patch(f"{URL}{merchant.pk}/", {"name": "New"}, format="json")
    client.patch(f"{URL}{merchant.pk}/", {"name": "New"}, format="json")
    assert announced() == [merchant.pk]
    post(make_user(role=Role.STAFF), merchant, "suspend")
    assert announced() == [merchant.pk] * 2
    drain_outbox()
