"""Pictures that come with a catalogue: from a folder, never from an address."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from karvon.catalog.exchange.exporting import export_catalogue
from karvon.catalog.exchange.images import ImageFolder, base_name, copy_originals
from karvon.catalog.exchange.tests.factories import (
    counts,
    make_csv,
    make_merchant,
    refused,
    run,
    shopify_row,
)
from karvon.catalog.models import Category, Product, ProductImage
from karvon.kernel.clock import now
from karvon.media import services
from karvon.media.errors import ImageInUse
from karvon.media.models import Asset
from karvon.media.tests.pictures import draw
from karvon.merchants.models import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


@pytest.fixture
def folder(tmp_path: Path) -> ImageFolder:
    pictures = tmp_path / "pictures"
    (pictures / "inner").mkdir(parents=True)
    (pictures / "front.png").write_bytes(draw(30, 30))
    (pictures / "inner" / "Back Side.JPG").write_bytes(draw(31, 31, format_="JPEG"))
    (pictures / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (pictures / "secret.txt").write_bytes(draw(32, 32))
    (tmp_path / "outside.png").write_bytes(draw(33, 33))
    (pictures / "link.png").symlink_to(tmp_path / "outside.png")
    return ImageFolder(pictures)


def rows(*sources: str) -> str:
    first = shopify_row("a", **{"Image Src": sources[0], "Image Alt Text": "Front", "Image Position": "1"})
    others = [
        {"Handle": "a", "Image Src": source, "Image Position": str(number)}
        for number, source in enumerate(sources[1:], start=2)
    ]
    return make_csv([first, *others])


def notes(job: object) -> dict[str, int]:
    return {note["text"]: note["count"] for note in job.notes}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://cdn.example/a/b/shoe%20red.jpg?v=2#x", "shoe red.jpg"),
        ("C:\\photos\\shoe.jpg", "shoe.jpg"),
        ("../../etc/passwd", "passwd"),
        ("shoe.jpg", "shoe.jpg"),
        ("https://example.com/%2e%2e%2fsecret.png", "secret.png"),
    ],
)
def test_the_name_at_the_end_of_an_address(source: str, name: str) -> None:
    assert base_name(source) == name


def test_pictures_of_a_folder_by_their_names(merchant: Merchant, folder: ImageFolder) -> None:
    text = rows("https://cdn.example/x/FRONT.png?v=1", "https://cdn.example/back%20side.jpg")

    job = run(merchant, text, "shopify", images=folder, language="en")
    again = run(merchant, text, "shopify", images=folder, language="en")

    gallery = ProductImage.objects.order_by("position")
    assert [(one.position, one.asset.width, one.alt_en) for one in gallery] == [
        (0, 30, "Front"),
        (1, 31, None),
    ]
    assert {one.asset.owner_ref for one in gallery} == {f"merchant:{merchant.pk}"}
    assert (job.notes, again.products_unchanged) == ([], 1)


def test_what_is_not_there_or_no_picture_is_told(merchant: Merchant, folder: ImageFolder) -> None:
    sources = (
        "https://cdn.example/none.png",
        "none.jpg",
        "broken.png",
        "secret.txt",
        "link.png",
        "../outside.png",
    )

    job = run(merchant, rows(*sources), "shopify", images=folder)

    assert notes(job) == {
        "picture not imported, addresses are not fetched": 1,
        "picture not found by its name": 4,
        "picture broken.png refused: The file cannot be read as a picture.": 1,
    }
    assert counts(job)["created"] == 1
    assert not Asset.objects.exists()


def test_a_dry_run_stores_no_picture(merchant: Merchant, folder: ImageFolder) -> None:
    stored = set(Path(settings.STORAGES["default"]["OPTIONS"]["location"]).rglob("*.png"))

    run(merchant, rows("front.png"), "shopify", images=folder, dry_run=True)

    assert not Asset.objects.exists()
    assert set(Path(settings.STORAGES["default"]["OPTIONS"]["location"]).rglob("*.png")) == stored


def test_a_dry_run_reports_what_a_real_run_will(merchant: Merchant, folder: ImageFolder) -> None:
    run(merchant, make_csv([shopify_row("a"), shopify_row("b")]), "shopify")
    pictures = rows("front.png", "none.jpg", "broken.png", "https://cdn.example/none.png")
    text = pictures + "b,B,b-sku,wrong,none.jpg,,\n"

    dry, real = (run(merchant, text, "shopify", images=folder, dry_run=dry) for dry in (True, False))

    assert notes(dry) == notes(real) != {}
    assert counts(dry) == counts(real)
    assert (dry.products_updated, dry.rows_refused) == (1, 1)
    assert refused(dry) == refused(real)


def test_pictures_go_there_and_back(merchant: Merchant, folder: ImageFolder, tmp_path: Path) -> None:
    run(merchant, rows("front.png", "back side.jpg"), "shopify", images=folder)
    file = b"".join(export_catalogue(merchant))
    other = make_merchant("other")

    assert run(merchant, file, "karvon").products_unchanged == 1
    assert copy_originals(merchant, tmp_path / "out") == 2
    run(other, file, "karvon", images=ImageFolder(tmp_path / "out"))

    theirs = ProductImage.objects.filter(product__merchant=other).order_by("position")
    assert [one.asset.width for one in theirs] == [30, 31]
    assert b"".join(export_catalogue(other)).count(b".png") == file.count(b".png")


def test_pictures_that_a_shop_adds_by_hand_stay(merchant: Merchant, folder: ImageFolder) -> None:
    run(merchant, rows("front.png"), "shopify", images=folder)
    asset = services.store_image(
        data=(folder.path / "inner" / "Back Side.JPG").open("rb"),
        file_name="",
        owner_ref=f"merchant:{merchant.pk}",
        actor=None,
    )
    ProductImage.objects.create(product=Product.objects.get(), asset=asset, position=5)

    run(merchant, rows("front.png"), "shopify", images=folder)

    assert ProductImage.objects.count() == 2


def test_a_picture_in_use_is_not_removed(merchant: Merchant, folder: ImageFolder) -> None:
    run(merchant, rows("front.png"), "shopify", images=folder)
    asset = Asset.objects.get()

    with pytest.raises(ImageInUse):
        services.delete_asset(asset_id=asset.pk, owner_refs=None)
    assert services.purge_unused_assets(now=now() + timedelta(days=30)) == 0
    ProductImage.objects.all().delete()
    Category.objects.create(name="Plates", slug="plates", image=asset)
    assert services.purge_unused_assets(now=now() + timedelta(days=30)) == 0
    Category.objects.update(image=None)
    assert services.purge_unused_assets(now=now() + timedelta(days=6)) == 0
    assert services.purge_unused_assets(now=now() + timedelta(days=8)) == 1
    assert not Asset.objects.exists()
