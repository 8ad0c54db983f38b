"""Pictures kept: rows, files, renditions, addresses."""

from __future__ import annotations

import errno
import io
import resource
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.test import Client

from karvon.accounts.tests.factories import make_user
from karvon.kernel.clock import now
from karvon.kernel.errors import NotFound
from karvon.kernel.testing import drain_outbox
from karvon.media import services
from karvon.media.errors import BrokenImage, ImageTooLarge, StorageFull, UploadNotFound
from karvon.media.models import Asset, AssetState, Rendition
from karvon.media.selectors import PLATFORM, get_asset, image_json, list_assets, merchant_ref, user_ref
from karvon.media.tests.pictures import draw, draw_photo, open_bytes
from karvon.media.urls import asset_url

pytestmark = pytest.mark.django_db


def store(data: bytes, owner_ref: str = PLATFORM, **options: object) -> Asset:
    return services.store_image(
        data=io.BytesIO(data), file_name="red-summer_dress.jpg", owner_ref=owner_ref, actor=None, **options
    )


def test_a_picture_is_stored_under_the_hash_of_its_bytes() -> None:
    asset = store(draw_photo(300, 200))

    shard = f"images/{asset.sha256[:2]}/{asset.sha256[2:4]}/{asset.sha256}.jpg"
    assert asset.file == shard
    with storages["default"].open(shard) as file:
        assert len(file.read()) == asset.size_bytes
    assert (asset.width, asset.height, asset.content_type) == (300, 200, "image/jpeg")
    assert (asset.alt, asset.state) == ("red summer dress", AssetState.PENDING)


def test_the_same_bytes_of_one_owner_are_one_row() -> None:
    first = store(draw_photo(seed=2))
    again = store(draw_photo(seed=2))
    elsewhere = store(draw_photo(seed=2), merchant_ref(7))

    assert first == again
    assert elsewhere != first
    assert elsewhere.file == first.file


def test_the_same_pixels_in_other_bytes_are_one_row() -> None:
    first = store(draw(format_="PNG", compress_level=1))
    again = store(draw(format_="PNG", compress_level=9))

    assert first == again


def test_renditions_are_made_once_and_announced() -> None:
    asset = store(draw_photo(1400, 700, seed=3))

    services.make_renditions(asset_id=asset.pk)
    services.make_renditions(asset_id=asset.pk)

    asset.refresh_from_db()
    assert asset.state == AssetState.READY
    made = sorted(Rendition.objects.values_list("format", "width", "height"))
    assert made == [(f, w, w // 2) for f in ("avif", "webp") for w in (160, 320, 640, 1280)]
    for rendition in Rendition.objects.all():
        with storages["default"].open(rendition.file) as file:
            image = open_bytes(file.read())
        assert (image.format, image.width) == (rendition.format.upper(), rendition.width)


@pytest.mark.parametrize(
    ("width", "widths"), [(100, [100]), (160, [160]), (500, [160, 320, 500]), (1280, [160, 320, 640, 1280])]
)
def test_renditions_are_never_larger_than_the_picture(width: int, widths: list[int]) -> None:
    asset = store(draw(width, 50))

    services.make_renditions(asset_id=asset.pk)

    assert sorted(Rendition.objects.filter(format="webp").values_list("width", flat=True)) == widths


def test_the_outbox_brings_a_stored_picture_to_the_workers(eager_tasks: None) -> None:
    asset = store(draw(20, 20))

    drain_outbox()

    asset.refresh_from_db()
    assert asset.state == AssetState.READY


def test_a_picture_whose_file_is_lost_is_marked_failed() -> None:
    asset = store(draw(colour="green"))
    storages["default"].delete(asset.file)

    services.make_renditions(asset_id=asset.pk)

    asset.refresh_from_db()
    assert asset.state == AssetState.FAILED
    assert asset.error


def test_overdue_pictures_are_found_again() -> None:
    asset = store(draw(colour="blue"))

    assert services.list_overdue_assets() == []
    assert services.list_overdue_assets(now=now() + timedelta(minutes=6)) == [asset.pk]


def test_what_is_refused_leaves_neither_row_nor_file() -> None:
    with pytest.raises(BrokenImage):
        store(b"\xff\xd8\xff\xe0 no jpeg")
    with pytest.raises(ImageTooLarge):
        store(draw_photo(), max_bytes=5_000)

    assert not Asset.objects.exists()


def test_a_full_disk_is_told_and_leaves_no_row(tmp_path: Path, settings: object) -> None:
    data = draw_photo(1400, 700, seed=9)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # writing beyond this size fails in the kernel, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
    try:
        with pytest.raises(StorageFull) as failed:
            store(data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert isinstance(failed.value.__cause__, OSError)
    assert failed.value.__cause__.errno == errno.EFBIG
    assert not Asset.objects.exists()
    folder = Path(storages["default"].path("images"))
    assert not list(folder.rglob(".part-*"))
    assert store(data).size_bytes > 2_000


def test_how_clients_see_a_picture() -> None:
    asset = store(draw(200, 100), alt="A red plate")
    services.make_renditions(asset_id=asset.pk)

    document = image_json(get_asset(asset_id=asset.pk, owner_refs=[PLATFORM]))

    stem = f"/media/renditions/{asset.sha256[:2]}/{asset.sha256[2:4]}/{asset.sha256}"
    assert document == {
        "id": asset.pk,
        "url": f"/media/{asset.file}",
        "width": 200,
        "height": 100,
        "alt": "A red plate",
        "colour": "#c81e1e",
        "srcset": {
            kind: [{"url": f"{stem}-{w}.{kind}", "width": w, "height": w // 2} for w in (160, 200)]
            for kind in ("webp", "avif")
        },
    }


def test_lists_take_two_queries(django_assert_num_queries: object) -> None:
    for side in range(20, 25):
        store(draw(side, side))

    with django_assert_num_queries(2):
        assert len([image_json(asset) for asset in list_assets(owner_refs=[PLATFORM])]) == 5


def test_addresses_may_point_to_another_host(settings: object) -> None:
    settings.KARVON_MEDIA_URL = "https://cdn.example/shop/"

    assert asset_url("images/a b.jpg") == "https://cdn.example/shop/images/a%20b.jpg"


def test_a_stranger_finds_nothing() -> None:
    asset = store(draw(), merchant_ref(1))

    with pytest.raises(NotFound):
        get_asset(asset_id=asset.pk, owner_refs=[merchant_ref(2)])
    with pytest.raises(NotFound):
        services.delete_asset(asset_id=asset.pk, owner_refs=[])
    with pytest.raises(NotFound):
        services.set_alt(asset_id=asset.pk, owner_refs=[user_ref(1)], alt="mine")
    assert Asset.objects.get().alt != "mine"


def test_deleting_takes_files_along_unless_someone_else_shows_them() -> None:
    mine, theirs = store(draw(), merchant_ref(1)), store(draw(), merchant_ref(2))
    services.make_renditions(asset_id=mine.pk)

    services.delete_asset(asset_id=mine.pk, owner_refs=[merchant_ref(1)])
    assert storages["default"].exists(theirs.file)

    services.delete_asset(asset_id=theirs.pk, owner_refs=None)
    assert not storages["default"].exists(theirs.file)
    assert not Rendition.objects.exists()


def test_a_signed_upload_and_its_end() -> None:
    user = make_user()
    stranger = make_user()
    ticket = services.begin_upload(actor=user, owner_ref=user_ref(user.pk))

    with pytest.raises(UploadNotFound):
        services.complete_upload(upload=ticket.upload, actor=user)
    services.receive_upload(upload=ticket.upload, data=io.BytesIO(draw()))
    with pytest.raises(UploadNotFound):
        services.complete_upload(upload=ticket.upload, actor=stranger)
    asset = services.complete_upload(upload=ticket.upload, actor=user, alt="Me")
    assert services.complete_upload(upload=ticket.upload, actor=user) == asset

    assert (asset.owner_ref, asset.alt, asset.uploaded_by) == (user_ref(user.pk), "Me", user)
    for forged in ("", "nonsense", ticket.upload[:-1] + ("A" if ticket.upload[-1] != "A" else "B")):
        with pytest.raises(UploadNotFound):
            services.receive_upload(upload=forged, data=io.BytesIO(draw()))
    assert services.purge_uploads(now=now() + timedelta(hours=20)) == 0
    assert services.purge_uploads(now=now() + timedelta(days=2)) >= 1
    with pytest.raises(UploadNotFound):
        services.complete_upload(upload=ticket.upload, actor=user)


def test_private_files_are_not_under_the_public_address(client: Client) -> None:
    user = make_user()
    ticket = services.begin_upload(actor=user, owner_ref=user_ref(user.pk))
    services.receive_upload(upload=ticket.upload, data=io.BytesIO(draw()))

    public, private = (Path(storages[name].path("")).resolve() for name in ("default", "private"))
    assert not private.is_relative_to(public)
    assert not public.is_relative_to(private)
