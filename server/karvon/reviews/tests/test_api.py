"""Reviews over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.models import WindowRow
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.reviews import purchases
from karvon.reviews.models import Review
from karvon.reviews.tests.factories import make_review, make_shown_product, rating_of

pytestmark = pytest.mark.django_db

URL = "/api/v1/reviews/"


def url_of(review, verb=""):
    return f"{URL}{review.pk}/{verb}"


@pytest.fixture
def product():
    return make_shown_product()


@pytest.fixture
def bought(monkeypatch):
    """People and products of finished orders."""
    pairs = set()
    monkeypatch.setattr(purchases, "_checkers", [lambda user_id, product_id: (user_id, product_id) in pairs])
    return pairs


def test_a_customer_writes_changes_and_deletes_a_review(product):
    author = make_user(first_name="Aziza", last_name="Karimova")
    client = make_client(author)

    written = client.post(
        URL,
        {"product": product.pk, "rating": 4, "title": " Good\n", "comment": "Thin dough.\x07\n\nHot."},
        "json",
    )
    assert written.status_code == 201
    review = written.json()
    assert (review["product"], review["product_title"]) == (product.pk, product.title)
    assert review["user"] == {"id": author.pk, "name": "Aziza K."}
    assert (review["rating"], review["title"], review["comment"]) == (4, "Good", "Thin dough.\n\nHot.")
    assert (review["is_verified"], review["state"], review["reply"]) == (False, "visible", None)
    assert rating_of(product) == (4, 1)

    url = f"{URL}{review['id']}/"
    changed = client.patch(url, {"rating": 1}, "json").json()
    assert (changed["rating"], changed["title"]) == (1, "Good")
    assert rating_of(product) == (1, 1)
    replaced = client.put(url, {"product": product.pk, "rating": 5, "comment": ""}, "json").json()
    assert (replaced["rating"], replaced["title"], replaced["comment"]) == (5, "Good", "")
    window = WindowRow.objects.get(pk=product.pk)
    assert (window.rating, window.reviews_count) == (Decimal(5), 1)

    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert rating_of(product) == (0, 0)
    window.refresh_from_db()
    assert (window.rating, window.reviews_count) == (Decimal(0), 0)


def test_one_review_per_product_and_customer(product):
    client = make_client(make_user())
    body = {"product": product.pk, "rating": 4}
    assert client.post(URL, body, "json").status_code == 201

    refused = client.post(URL, body | {"rating": 1}, "json")

    assert (refused.status_code, refused.json()["code"]) == (409, "already_reviewed")
    assert rating_of(product) == (4, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": "5.5"}, "rating"),
        ({"rating": None}, "rating"),
        ({}, "rating"),
        ({"rating": 5, "title": "x" * 201}, "title"),
        ({"rating": 5, "comment": "x" * 5001}, "comment"),
        ({"rating": 5, "comment": "a\x00b"}, "comment"),
        ({"rating": 5, "product": "x"}, "product"),
        ({"rating": 5, "product": 2**70}, "product"),
    ],
)
def test_bad_reviews_are_refused(product, body, field):
    refused = make_client(make_user()).post(URL, {"product": product.pk} | body, "json")

    assert refused.status_code == 400
    assert list(refused.json()["details"]) == [field]
    assert rating_of(product) == (0, 0)


def test_only_what_is_shown_can_be_reviewed(product):
    hidden = make_shown_product(is_visible=False)
    client = make_client(make_user())

    for product_id in (hidden.pk, product.pk + 999):
        refused = client.post(URL, {"product": product_id, "rating": 5}, "json")
        assert (refused.status_code, refused.json()["code"]) == (404, "product_not_found")
    assert make_client().post(URL, {"product": product.pk, "rating": 5}, "json").status_code == 401


def test_sellers_do_not_rate_what_they_sell(product):
    cook = make_staff(product.merchant, role=StaffRole.COOK).user

    for seller in (product.merchant.owner, cook):
        refused = make_client(seller).post(URL, {"product": product.pk, "rating": 5}, "json")
        assert (refused.status_code, refused.json()["code"]) == (403, "own_product")
    assert rating_of(product) == (0, 0)


def test_only_buyers_get_the_verified_mark(product, bought):
    buyer, other = make_user(), make_user()
    bought.add((buyer.pk, product.pk))

    answers = [
        make_client(user).post(URL, {"product": product.pk, "rating": 5, "is_verified": True}, "json").json()
        for user in (buyer, other)
    ]

    assert [answer["is_verified"] for answer in answers] == [True, False]
    bought.add((other.pk, product.pk))
    later = make_client(other).patch(f"{URL}{answers[1]['id']}/", {"rating": 4}, "json").json()
    assert later["is_verified"] is True


def test_who_may_change_and_delete(product):
    review = make_review(product=product, rating=3)
    rights = {
        make_user(): (403, 403),
        product.merchant.owner: (403, 403),
        make_user(role=Role.STAFF): (403, 204),
    }

    for user, (change, remove) in rights.items():
        client = make_client(user)
        assert client.patch(url_of(review), {"rating": 1}, "json").status_code == change
        assert rating_of(product)[0] == 3
        assert client.delete(url_of(review)).status_code == remove
    assert rating_of(product) == (0, 0)


def test_lists_and_their_filters(product):
    three = make_review(product=product, rating=3)
    five = make_review(product=product, rating=5)
    other = make_review(rating=5)
    client = make_client()

    def found(**query):
        return [row["id"] for row in client.get(URL, query).json()["results"]]

    assert found() == [other.pk, five.pk, three.pk]
    assert found(product=product.pk) == [five.pk, three.pk]
    assert found(product=product.pk, ordering="rating") == [three.pk, five.pk]
    assert found(rating=5) == [other.pk, five.pk]
    assert found(merchant=product.merchant_id, rating=3) == [three.pk]
    assert found(verified="true") == []
    assert found(mine="true") == []
    mine = make_client(three.user).get(URL, {"mine": "true"}).json()
    assert [row["id"] for row in mine["results"]] == [three.pk]
    for bad in ({"product": "x"}, {"rating": 9}, {"ordering": "user__password"}, {"page": "x"}):
        assert client.get(URL, bad).status_code == 400
    assert client.get(URL, {"page": 2}).status_code == 404


def test_a_page_costs_two_queries(product):
    for _ in range(3):
        make_review(product=product)
    client = make_client()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(URL, {"product": product.pk})

    assert len(queries) == 2


def test_reviews_of_withdrawn_products_are_not_public(product):
    review = make_review(product=product)
    WindowRow.objects.filter(pk=product.pk).update(is_visible=False)

    assert make_client().get(url_of(review)).status_code == 404
    assert make_client().get(URL).json()["count"] == 0
    assert make_client(review.user).get(url_of(review)).status_code == 200
    assert make_client(product.merchant.owner).get(url_of(review)).status_code == 200


def test_staff_hides_and_shows_again(product):
    review, _ = make_review(product=product, rating=1), make_review(product=product, rating=5)
    staff = make_client(make_user(role=Role.STAFF))

    hidden = staff.post(url_of(review, "hide/"), {"reason": "insults"}, "json")
    assert (hidden.status_code, hidden.json()["state"]) == (200, "hidden")
    assert rating_of(product) == (5, 1)
    assert staff.post(url_of(review, "hide/"), {}, "json").status_code == 200
    assert rating_of(product) == (5, 1)
    assert make_client().get(url_of(review)).status_code == 404
    author = make_client(review.user)
    assert author.get(url_of(review)).json()["state"] == "hidden"
    assert author.patch(url_of(review), {"rating": 2}, "json").json()["state"] == "hidden"
    assert rating_of(product) == (5, 1)

    assert staff.post(url_of(review, "unhide/")).json()["state"] == "visible"
    assert rating_of(product) == (7, 2)
    for user in (review.user, product.merchant.owner, make_user()):
        for verb in ("hide/", "unhide/"):
            assert make_client(user).post(url_of(review, verb)).status_code == 403
    assert make_client().post(url_of(review, "hide/")).status_code == 401
    assert rating_of(product) == (7, 2)


def test_the_shop_replies(product):
    review = make_review(product=product)
    shop = make_client(make_staff(product.merchant, role=StaffRole.CASHIER).user)

    answer = shop.post(url_of(review, "reply/"), {"comment": "Thank you!"}, "json").json()
    assert answer["reply"]["comment"] == "Thank you!"
    assert make_client().get(url_of(review)).json()["reply"]["created_at"].endswith("Z")
    assert shop.delete(url_of(review, "reply/")).status_code == 204
    assert make_client().get(url_of(review)).json()["reply"] is None

    assert shop.post(url_of(review, "reply/"), {"comment": "  "}, "json").status_code == 400
    strangers = (
        review.user,
        make_merchant().owner,
        make_staff(product.merchant, role=StaffRole.COOK).user,
    )
    for stranger in strangers:
        assert (
            make_client(stranger).post(url_of(review, "reply/"), {"comment": "x"}, "json").status_code == 403
        )
    assert Review.objects.get(pk=review.pk).reply == ""


def test_reporting(product):
    review = make_review(product=product)
    reader = make_client(make_user())

    reported = reader.post(url_of(review, "report/"), {"reason": "advertising"}, "json")
    assert (reported.status_code, reported.json()["review"]) == (201, review.pk)
    again = reader.post(url_of(review, "report/"), {"reason": "advertising"}, "json")
    assert (again.status_code, again.json()["code"]) == (409, "already_reported")
    own = make_client(review.user).post(url_of(review, "report/"), {"reason": "me"}, "json")
    assert (own.status_code, own.json()["code"]) == (403, "own_review")
    assert make_client().post(url_of(review, "report/"), {"reason": "x"}, "json").status_code == 401

    staff = make_client(make_user(role=Role.STAFF))
    staff.post(url_of(review, "hide/"), {"reason": "it is"}, "json")
    assert not review.reports.filter(resolved_at__isnull=True).exists()
    assert reader.post(url_of(review, "report/"), {"reason": "x"}, "json").status_code == 404


def test_names_shown_are_not_names_to_log_in_with(product):
    author = make_user(username="aziza_k", email="aziza@example.com", phone="+998901112233")
    body = make_client().get(url_of(make_review(product=product, author=author))).content.decode()

    assert not any(secret in body for secret in ("aziza_k", "aziza@example.com", "998901112233"))
