"""Likes and tags under many hands at once, with a control."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError

from karvon.accounts.tests.factories import make_user
from karvon.catalog.marks import get_likes
from karvon.catalog.models import Like, Product, Tag, TaggedItem
from karvon.catalog.services import like, set_tags, unlike
from karvon.catalog.tests.factories import make_product
from tests.concurrency.crowds import Meeting
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_content_types() -> None:
    ContentType.objects.clear_cache()


def test_twenty_times_the_same_like_at_once_is_one() -> None:
    product, fan = make_product(), make_user()

    outcomes = race([partial(like, user=fan, kind="product", object_id=product.pk) for _ in range(20)])

    assert outcomes == [None] * 20
    assert get_likes("product", product.pk, fan).count == 1


def test_twenty_people_like_and_ten_of_them_change_their_minds() -> None:
    product, people = make_product(), [make_user() for _ in range(20)]

    assert (
        race([partial(like, user=each, kind="product", object_id=product.pk) for each in people])
        == [None] * 20
    )
    assert get_likes("product", product.pk, people[0]).count == 20
    race([partial(unlike, user=each, kind="product", object_id=product.pk) for each in people[:10] * 2])

    state = get_likes("product", product.pk, people[19])
    assert (state.count, state.is_mine) == (10, True)


def test_the_control_without_on_conflict_fails() -> None:
    """Look, then insert: what the service does not do."""
    product, fan, meeting = make_product(), make_user(), Meeting(2)
    kind = ContentType.objects.get_for_model(Product)

    def look_then_like() -> None:
        mine = Like.objects.filter(user=fan, content_type=kind, object_id=product.pk)
        is_new = not mine.exists()
        meeting.wait()
        if is_new:
            Like.objects.create(user=fan, content_type=kind, object_id=product.pk)

    outcomes = race([look_then_like, look_then_like])

    assert sum(isinstance(each, IntegrityError) for each in outcomes) == 1


def test_sets_of_tags_replace_each_other_whole() -> None:
    merchant = make_product().merchant
    sets = [[f"set {number} a", "shared", f"set {number} b"] for number in range(8)]

    outcomes = race(
        [
            partial(set_tags, actor=merchant.owner, kind="merchant", object_id=merchant.pk, names=each)
            for each in sets
        ]
    )

    assert outcomes == [None] * 8
    left = sorted(TaggedItem.objects.values_list("tag__name_en", flat=True))
    assert left in [sorted(each) for each in sets]
    assert Tag.objects.filter(slug="shared").count() == 1
