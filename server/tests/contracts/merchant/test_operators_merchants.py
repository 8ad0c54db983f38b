"""`/api/admin/merchants` of the merchant platform contract."""

from __future__ import annotations

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.inventory.tests.factories import make_variant
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.orders.models import Order
from karvon.orders.tests.factories import make_order, part_of
from tests.contracts.merchant.shapes import MERCHANT, assert_error, assert_shape

pytestmark = pytest.mark.django_db

URL = "/api/admin/merchants"
both_spellings = pytest.mark.parametrize("slash", ["", "/"])


@pytest.fixture
def operator():
    return make_client(make_user(role=Role.STAFF))


def names(operator, query=""):
    answer = operator.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.json()
    return [row["username"] for row in answer.json()["results"]]


@both_spellings
def test_merchants_are_searched_filtered_and_ordered(operator, slash, django_assert_max_num_queries):
    make_merchant(username="alpha", name="Beta shop", kyc_status="pending")
    make_merchant(username="gamma", name="Alpha shop", state="suspended", email="find@example.com")
    make_merchant(username="gone", state="deleted")

    with django_assert_max_num_queries(4):
        answer = operator.get(f"{URL}{slash}")

    assert answer.status_code == 200, answer.json()
    assert_shape(answer.json(), {"count": int, "next": type(None), "previous": type(None), "results": list})
    assert answer.json()["count"] == 2
    assert_shape(answer.json()["results"][0], MERCHANT | {"id": int, "is_active": bool, "created_at": str})
    assert names(operator, "search=find@") == ["gamma"]
    assert names(operator, "search=ALPHA&ordering=username") == ["alpha", "gamma"]
    assert names(operator, "kyc_status=pending") == ["alpha"]
    assert names(operator, "is_active=true") == ["alpha"]
    assert names(operator, "is_active=false") == ["gamma"]
    assert names(operator, "ordering=name") == ["gamma", "alpha"]
    assert names(operator, "ordering=-name&page_size=1") == ["alpha"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("ordering=owner__password", "ordering"),
        ("ordering=--name", "ordering"),
        ("kyc_status=maybe", "kyc_status"),
        ("is_active=perhaps", "is_active"),
        ("search=%00", None),
    ],
)
def test_other_filters_are_refused(operator, query, field):
    assert_error(operator.get(f"{URL}?{query}"), 400, field=field)


@both_spellings
def test_a_suspended_shop_is_closed_but_its_orders_go_on(operator, slash):
    merchant = make_merchant()
    variant = make_variant(merchant=merchant, units=5)
    part = part_of(make_order((variant, 1)), merchant.pk)
    owner, url = make_client(merchant.owner), f"{URL}/{merchant.pk}"

    answer = operator.post(f"{url}/suspend{slash}", {"reason": "Complaints about quality"}, format="json")

    assert answer.status_code == 200, answer.json()
    assert_shape(answer.json(), MERCHANT)
    assert answer.json()["is_active"] is False
    assert make_client().get(f"/api/v1/merchants/{merchant.username}").status_code == 404
    assert_error(
        owner.patch(f"/api/v1/merchants/{merchant.pk}/", {"name": "x"}, format="json"),
        403,
        "merchant_not_active",
    )
    guest = make_client()
    assert guest.post(
        "/api/v1/cart/add/", {"variant_id": variant.pk, "quantity": 1}, format="json"
    ).status_code in (
        404,
        409,
    )
    step = owner.post(f"/api/v1/fulfilments/{part.pk}/transition/", {"to": "packed"}, format="json")
    assert step.status_code == 200, step.json()
    back = operator.post(f"{url}/activate{slash}", format="json")
    assert (back.status_code, back.json()["is_active"]) == (200, True)
    assert [step.note for step in merchant.steps.all()] == ["Complaints about quality", ""]


@both_spellings
def test_papers_are_decided_on(operator, slash):
    merchant = make_merchant(kyc_status="pending")
    url = f"{URL}/{merchant.pk}/kyc{slash}"

    rejected = operator.post(
        url, {"decision": "rejected", "note": "The passport has expired."}, format="json"
    )
    assert rejected.status_code == 200, rejected.json()
    assert_shape(rejected.json(), MERCHANT)
    assert rejected.json()["kyc_status"] == "rejected"
    assert_error(operator.post(url, {"decision": "approved", "note": ""}, format="json"), 409)
    Merchant.objects.update(kyc_status="pending")
    assert_error(operator.post(url, {"decision": "rejected"}, format="json"), 400, field="note")
    assert_error(operator.post(url, {"decision": "pending"}, format="json"), 400, field="decision")
    approved = operator.post(url, {"decision": "approved", "note": ""}, format="json")
    assert approved.json()["kyc_status"] == "approved"


@both_spellings
def test_a_deleted_merchant_leaves_its_orders(operator, slash):
    merchant = make_merchant()
    order = make_order((make_variant(merchant=merchant, units=5), 1))

    answer = operator.delete(f"{URL}/{merchant.pk}{slash}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert names(operator) == []
    assert Order.objects.get() == order
    assert Merchant.objects.get(pk=merchant.pk).state == "deleted"
    assert_error(operator.post(f"{URL}/{merchant.pk}/activate", format="json"), 404)


def test_nobody_else_may(operator):
    merchant = make_merchant(kyc_status="pending")
    url = f"{URL}/{merchant.pk}"
    asks = [
        ("get", URL, None),
        ("post", f"{url}/suspend", {"reason": "x"}),
        ("post", f"{url}/activate", {}),
        ("post", f"{url}/kyc", {"decision": "approved", "note": ""}),
        ("delete", url, None),
    ]

    for method, path, body in asks:
        assert_error(getattr(make_client(), method)(path, body, format="json"), 401)
        for person in (merchant.owner, make_staff(merchant).user, make_user()):
            assert_error(getattr(make_client(person), method)(path, body, format="json"), 403)
    assert_error(operator.post(f"{url}/suspend", {"reason": ""}, format="json"), 400, field="reason")
    assert_error(operator.post(f"{URL}/{10**30}/suspend", {"reason": "x"}, format="json"), 404)
    assert_error(operator.delete(f"{URL}/{merchant.pk + 99}"), 404)
    assert_error(operator.put(URL), 405)
    assert_error(operator.get(f"{url}/suspend"), 405)
    merchant.refresh_from_db()
    assert (merchant.state, merchant.kyc_status, merchant.steps.count()) == ("active", "pending", 0)
