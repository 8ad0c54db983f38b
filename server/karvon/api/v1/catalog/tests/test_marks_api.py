"""/likes/ of anything, and tags on anything."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.v1.catalog.tests.reading import ask, assert_refused, found
from karvon.catalog import services
from karvon.catalog.models import Like, Product, Tag, TaggedItem
from karvon.catalog.tests.factories import make_collection, make_product
from karvon.merchants.models import Branch, Merchant
from karvon.merchants.services import suspend_merchant
from karvon.merchants.tests.factories import make_merchant
from karvon.reviews.models import Review, ReviewState
from karvon.reviews.tests.factories import make_review

pytestmark = pytest.mark.django_db
LIKES, TAGS = "/api/v1/likes/", "/api/v1/tags/"


def things() -> dict[str, Any]:
    """One of each kind, of one merchant."""
    product = make_product("Plov")
    return {
        "product": product,
        "collection": make_collection("Best", products=[product], merchant_id=product.merchant_id),
        "merchant": product.merchant,
        "branch": Branch.objects.get(merchant=product.merchant),
        "review": make_review(product=product, comment="Hot and good"),
    }


def hide(kind: str, row: Any) -> None:
    """Take it out of strangers' sight."""
    if kind == "product":
        services.set_product_state(product_id=row.pk, state="draft", actor=None)
    elif kind == "collection":
        services.update_collection(collection_id=row.pk, actor=None, is_active=False)
    elif kind == "merchant":
        suspend_merchant(merchant_id=row.pk, actor=make_user(role=Role.STAFF))
    elif kind == "branch":
        Branch.objects.filter(pk=row.pk).update(is_default=False, is_active=False)
    else:
        Review.objects.filter(pk=row.pk).update(state=ReviewState.HIDDEN)


@pytest.mark.parametrize("kind", ["product", "collection", "merchant", "branch", "review"])
def test_every_kind_is_liked_once_counted_and_unliked(kind: str) -> None:
    row = things()[kind]
    first, second = make_client(make_user()), make_client(make_user())
    path = f"{LIKES}{kind}/{row.pk}/"

    assert ask(path) == {"kind": kind, "id": row.pk, "count": 0, "liked": False}
    for _twice in range(2):
        assert first.put(path).json() == {"kind": kind, "id": row.pk, "count": 1, "liked": True}
    assert second.get(path).json()["liked"] is False
    assert second.put(path).json()["count"] == 2
    assert ask(path) == {"kind": kind, "id": row.pk, "count": 2, "liked": False}
    for _twice in range(2):
        assert first.delete(path).status_code == 204
    assert second.get(path).json() == {"kind": kind, "id": row.pk, "count": 1, "liked": True}


@pytest.mark.parametrize("kind", ["product", "collection", "merchant", "branch", "review"])
def test_what_somebody_may_not_see_is_not_there(kind: str) -> None:
    row = things()[kind]
    stranger, path = make_client(make_user()), f"{LIKES}{kind}/{row.pk}/"
    stranger.put(path)
    hide(kind, row)

    for answer in (
        stranger.get(path),
        stranger.put(path),
        stranger.get(f"{TAGS}{kind}/{row.pk}/"),
        stranger.put(f"{LIKES}{kind}/{10**20}/"),
    ):
        assert answer.status_code == 404, answer.content
        assert answer.json()["code"] == "object_not_found"
    assert stranger.get(LIKES).json()["count"] == 0
    assert Like.objects.count() == 1

    assert stranger.delete(path).status_code == 204  # one's own like is taken back all the same
    assert not Like.objects.exists()


def test_kinds_that_are_not_allowed_and_guests() -> None:
    row = make_product()
    client = make_client(make_user())

    for kind in ("user", "order", "contenttype", "Product", "%00"):
        assert client.put(f"{LIKES}{kind}/{row.pk}/").status_code in (400, 404)
    assert client.get(LIKES, {"kind": "order"}).status_code == 404
    assert_refused(make_client().put(f"{LIKES}product/{row.pk}/"), 401)
    assert_refused(make_client().get(LIKES), 401)

    assert not Like.objects.exists()


def test_one_s_own_likes_newest_first_in_a_fixed_number_of_queries() -> None:
    client, stranger = make_client(make_user()), make_client(make_user())
    rows = things()
    for kind, row in rows.items():
        client.put(f"{LIKES}{kind}/{row.pk}/")
    stranger.put(f"{LIKES}product/{make_product().pk}/")
    titles = ["Hot and good", rows["branch"].name, rows["merchant"].name, "Best", "Plov"]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(LIKES, headers={"Accept-Language": "en"}).json()

    assert [each["kind"] for each in page["results"]] == [
        "review",
        "branch",
        "merchant",
        "collection",
        "product",
    ]
    assert [each["title"] for each in page["results"]] == titles
    assert set(page["results"][0]) == {"kind", "id", "title", "since"}
    only = client.get(LIKES, {"kind": "product"}).json()
    assert [each["id"] for each in only["results"]] == [rows["product"].pk]
    for _more in range(3):
        client.put(f"{LIKES}product/{make_product().pk}/")
    with CaptureQueriesContext(connection) as again:
        client.get(LIKES)
    assert len(again) == len(queries)


@pytest.mark.parametrize("kind", ["product", "collection", "merchant", "branch"])
def test_a_merchant_tags_what_is_its_own(kind: str) -> None:
    row = things()[kind]
    owner = make_client(Merchant.objects.get(products__isnull=False).owner)
    rival = make_client(make_merchant().owner)
    path = f"{TAGS}{kind}/{row.pk}/"

    answer = owner.put(path, {"tags": ["Hot", "Halal", "Hot"]}, headers={"Accept-Language": "en"})

    assert answer.status_code == 200, answer.content
    tags = [{"slug": "halal", "name": "Halal"}, {"slug": "hot", "name": "Hot"}]
    assert answer.json() == {"kind": kind, "id": row.pk, "tags": tags}
    assert ask(path)["tags"] == tags
    assert rival.put(path, {"tags": ["Mine"]}).status_code == 404
    assert_refused(make_client(make_user()).put(path, {"tags": ["Mine"]}), 403)
    assert_refused(owner.put(path, {"tags": "Hot"}), 400, "tags")
    assert_refused(owner.put(path, {"tags": [" "]}), 400, "tags.0")
    assert ask(path)["tags"] == tags
    assert not Tag.objects.filter(slug="mine").exists()

    assert owner.put(path, {"tags": ["Cold"]}).json()["tags"] == [{"slug": "cold", "name": "Cold"}]
    assert TaggedItem.objects.count() == (0 if kind == "product" else 1)


def test_tags_of_a_product_are_those_of_the_shop_window() -> None:
    product = make_product("Plov", tags=("Hot",))
    operator = make_client(make_user(role=Role.STAFF))

    assert ask(f"{TAGS}product/{product.pk}/")["tags"] == [{"slug": "hot", "name": "Hot"}]
    operator.put(f"{TAGS}product/{product.pk}/", {"tags": ["Cold"]})

    assert found(tag="cold") == {"Plov"}
    assert found(tag="hot") == set()


def test_reviews_are_tagged_by_staff_only_and_tags_find_their_objects() -> None:
    rows = things()
    owner, operator = make_client(rows["merchant"].owner), make_client(make_user(role=Role.STAFF))
    for kind in ("review", "merchant"):
        path = f"{TAGS}{kind}/{rows[kind].pk}/"
        assert operator.put(path, {"tags": ["Honest"]}).status_code == 200
    assert_refused(owner.put(f"{TAGS}review/{rows['review'].pk}/", {"tags": ["Unfair"]}), 403)

    page = ask(f"{TAGS}honest/objects/")

    assert [(each["kind"], each["id"]) for each in page["results"]] == [
        ("merchant", rows["merchant"].pk), ("review", rows["review"].pk),
    ]  # fmt: skip
    assert ask(f"{TAGS}honest/objects/", kind="review")["count"] == 1
    hide("review", rows["review"])
    assert ask(f"{TAGS}honest/objects/", kind="review")["count"] == 0
    ask(f"{TAGS}nothing/objects/", status=404)
    assert operator.delete(f"{TAGS}honest/").status_code == 204
    assert not TaggedItem.objects.exists()


def test_marks_of_what_is_gone_are_forgotten() -> None:
    rows = things()
    client, operator = make_client(make_user()), make_client(make_user(role=Role.STAFF))
    for kind in ("collection", "product"):
        client.put(f"{LIKES}{kind}/{rows[kind].pk}/")
    operator.put(f"{TAGS}collection/{rows['collection'].pk}/", {"tags": ["Best"]})
    services.delete_collection(collection_id=rows["collection"].pk, actor=None)

    assert client.get(LIKES).json()["count"] == 1
    assert services.purge_marks() == 2

    assert [each.object_id for each in Like.objects.all()] == [rows["product"].pk]
    assert not TaggedItem.objects.exists()
    assert Product.objects.filter(pk=rows["product"].pk).exists()
