"""Publishing and withdrawing on time, by the minute's task."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from karvon.catalog import services, tasks
from karvon.catalog.inputs import ProductInput
from karvon.catalog.models import Product, WindowRow
from karvon.catalog.services import publication
from karvon.catalog.tasks import apply_publication_schedule
from karvon.catalog.tests.factories import make_product, make_products, variant_input
from karvon.kernel import clock
from karvon.merchants.tests.factories import make_merchant
from karvon.settings.schedule import SCHEDULE

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def shown() -> set[int]:
    return set(WindowRow.objects.filter(is_visible=True).values_list("pk", flat=True))


def run(now: datetime) -> int:
    return services.apply_publication_schedule(now=now)


def test_it_comes_and_goes_on_time() -> None:
    now = clock.now()
    product = make_product(publish_at=now + HOUR, unpublish_at=now + 2 * HOUR)

    steps = [
        (run(now + after), shown() == {product.pk}) for after in (0 * HOUR, HOUR, HOUR, 2 * HOUR, 2 * HOUR)
    ]

    assert steps == [(0, False), (1, True), (0, True), (1, False), (0, False)]


def test_a_time_that_is_past_already() -> None:
    now = clock.now()

    begun = make_product(publish_at=now - HOUR)
    make_product(unpublish_at=now - HOUR)

    assert shown() == {begun.pk}


def test_another_time_counts_at_once() -> None:
    now = clock.now()
    product = make_product(publish_at=now + HOUR)

    def schedule(**given: datetime) -> None:
        services.update_product(product_id=product.pk, product=ProductInput(**given), actor=None)

    schedule(publish_at=now - HOUR)
    assert shown() == {product.pk}
    schedule(unpublish_at=now - HOUR / 2)
    assert shown() == set()


def test_what_is_not_to_be_shown_stays_hidden() -> None:
    now = clock.now()
    due = {"publish_at": now + HOUR}
    make_product(state="draft", **due)
    make_product(merchant=make_merchant(state="suspended"), **due)
    make_product(variants=(variant_input(is_active=False),), **due)
    gone = make_product(**due)
    services.delete_product(product_id=gone.pk, actor=None)

    assert (run(now + 2 * HOUR), shown()) == (0, set())


def test_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (publication, tasks):
        monkeypatch.setattr(module, "BATCH", 2)
    products = make_products(5, publish_at=clock.now() + HOUR)
    assert shown() == set()
    Product.objects.filter(pk__in=[each.pk for each in products]).update(publish_at=clock.now() - HOUR)

    assert apply_publication_schedule() == 5
    assert shown() == {each.pk for each in products}


def test_beat_starts_it_every_minute() -> None:
    entry = SCHEDULE["catalog.apply_publication_schedule"]

    assert (entry["task"], entry["schedule"]) == (apply_publication_schedule.name, 60.0)
