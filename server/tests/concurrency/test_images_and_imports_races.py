"""The same picture and the same catalogue from many at once."""

from __future__ import annotations

import io
from functools import partial

import pytest
from django.core.files.storage import storages

from karvon.catalog.exchange.errors import ImportRunning
from karvon.catalog.exchange.tests.factories import make_csv, make_merchant, run, shopify_row
from karvon.catalog.models import CatalogJob, Product, Variant
from karvon.kernel.models import OutboxEvent
from karvon.media import services
from karvon.media.models import Asset, AssetState, Rendition
from karvon.media.selectors import PLATFORM
from karvon.media.tests.pictures import draw_photo
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def store(data: bytes) -> int:
    return services.store_image(data=io.BytesIO(data), file_name="", owner_ref=PLATFORM, actor=None).pk


def test_twenty_uploads_of_one_picture_are_one_row() -> None:
    data = draw_photo(300, 200, seed=77)

    outcomes = race([partial(store, data)] * 20)

    assert set(outcomes) == {Asset.objects.get().pk}
    assert OutboxEvent.objects.filter(type="media.asset_stored").count() == 1


def test_an_upload_while_the_same_picture_is_removed_keeps_its_file() -> None:
    data = draw_photo(300, 200, seed=78)
    for _round in range(10):
        asset_id = store(data)

        race([partial(store, data), partial(services.delete_asset, asset_id=asset_id, owner_refs=None)])

        for asset in Asset.objects.all():
            assert storages["default"].exists(asset.file)
        Asset.objects.all().delete()


def test_renditions_made_twice_at_once_are_made_once() -> None:
    asset_id = store(draw_photo(400, 200, seed=79))

    assert race([partial(services.make_renditions, asset_id=asset_id)] * 4) == [None] * 4

    assert Asset.objects.get().state == AssetState.READY
    assert Rendition.objects.count() == 6
    assert OutboxEvent.objects.filter(type="media.renditions_ready").count() == 1


def test_four_imports_of_one_file_make_each_product_once() -> None:
    merchant = make_merchant()
    text = make_csv([shopify_row(f"p{number}") for number in range(30)])

    outcomes = race([partial(run, merchant, text, "shopify", wait_seconds=60)] * 4)

    assert all(isinstance(outcome, CatalogJob) for outcome in outcomes)
    assert sorted(job.products_created for job in CatalogJob.objects.all()) == [0, 0, 0, 30]
    assert (Product.objects.count(), Variant.objects.count()) == (30, 30)


def test_an_impatient_second_import_is_refused() -> None:
    merchant = make_merchant()
    text = make_csv([shopify_row(f"p{number}") for number in range(100)])

    outcomes = race([partial(run, merchant, text, "shopify")] * 3)

    assert [type(one) for one in outcomes if not isinstance(one, CatalogJob)] == [ImportRunning] * 2
    assert Product.objects.count() == 100


def test_without_the_lock_rows_are_still_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the lock spares is double work, what keeps products single is the database."""
    from contextlib import nullcontext

    from karvon.catalog.exchange import jobs

    monkeypatch.setattr(jobs, "import_lock", lambda merchant_id, **options: nullcontext())
    merchant = make_merchant()
    text = make_csv([shopify_row(f"p{number}") for number in range(30)])

    race([partial(run, merchant, text, "shopify")] * 3)

    assert (Product.objects.count(), Variant.objects.count()) == (30, 30)
    done = CatalogJob.objects.all()
    assert sum(job.products_created for job in done) == 30
    # work was done more than once: products met as unchanged, or refused because another was just writing
    # them
    assert sum(job.products_unchanged + job.products_updated + job.rows_refused for job in done) >= 30
