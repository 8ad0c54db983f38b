"""/images/ over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel.testing import drain_outbox
from karvon.media.models import Asset
from karvon.media.tests.pictures import draw, draw_photo
from karvon.merchants.models import MerchantState, StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("eager_tasks")]

URL = "/api/v1/images/"


def picture(
    data: bytes | None = None, name: str = "a.png", content_type: str = "image/png"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, draw() if data is None else data, content_type)


def test_a_merchant_uploads_into_its_library() -> None:
    merchant = make_merchant()
    client = make_client(merchant.owner)

    answer = client.post(URL, {"image": picture(name="nice plate.png")}, format="multipart")

    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    asset = Asset.objects.get()
    assert asset.owner_ref == f"merchant:{merchant.pk}"
    assert (shown["id"], shown["state"], shown["alt"]) == (asset.pk, "pending", "nice plate")
    assert (shown["width"], shown["height"], shown["url"]) == (40, 30, f"/media/{asset.file}")
    drain_outbox()
    ready = client.get(f"{URL}{asset.pk}/").json()
    assert ready["state"] == "ready"
    assert [one["width"] for one in ready["srcset"]["webp"]] == [40]


def test_uploading_twice_is_one_picture() -> None:
    client = make_client(make_user())

    first = client.post(URL, {"image": picture()}, format="multipart").json()
    again = client.post(URL, {"image": picture()}, format="multipart").json()

    assert first["id"] == again["id"]


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (picture(b""), 400, "broken_image"),
        (picture(b"\x89PNG\r\n\x1a\nnothing"), 400, "broken_image"),
        (picture(draw_photo(300, 200)[:1000]), 400, "broken_image"),
        (
            picture(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "image/svg+xml"),
            415,
            "image_type_unsupported",
        ),
        (picture(b"<html><script>alert(1)</script>", "a.jpg", "image/jpeg"), 415, "image_type_unsupported"),
        (picture(b"\x89PNG\r\n\x1a\n" + b"x" * 10_500_000), 413, "image_too_large"),
        (picture(b"\x89PNG\r\n\x1a\n" + b"x" * 11_000_000), 413, "image_too_large"),
    ],
    ids=["empty", "half a header", "cut", "svg", "html as jpg", "large file", "large request"],
)
def test_what_is_no_picture_is_refused(file: SimpleUploadedFile, status: int, code: str) -> None:
    client = make_client(make_user())
    file.seek(0)

    answer = client.post(URL, {"image": file}, format="multipart")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Asset.objects.exists()


def test_only_multipart_is_taken() -> None:
    client = make_client(make_user())

    for body, content_type in (({"image": "x"}, "json"),):
        assert client.post(URL, body, format=content_type).status_code == 415
    missing = client.post(URL, {"alt": "x"}, format="multipart")
    assert (missing.status_code, list(missing.json()["details"])) == (400, ["image"])


def test_guests_are_asked_to_log_in() -> None:
    client = make_client()

    assert client.get(URL).status_code == 401
    assert client.post(URL, {"image": picture()}, format="multipart").status_code == 401
    assert client.post(f"{URL}upload-url/", {}, format="json").status_code == 401


def test_libraries_are_apart() -> None:
    mine, theirs = make_merchant(), make_merchant()
    made = make_client(mine.owner).post(URL, {"image": picture()}, format="multipart").json()
    stranger = make_client(theirs.owner)
    url = f"{URL}{made['id']}/"

    assert stranger.get(URL).json()["count"] == 0
    assert stranger.get(url).status_code == 404
    assert stranger.patch(url, {"alt": "x"}, format="json").status_code == 404
    assert stranger.delete(url).status_code == 404
    assert (
        stranger.post(URL, {"image": picture(), "merchant": mine.pk}, format="multipart").status_code == 404
    )
    assert Asset.objects.get().alt == made["alt"]
    assert make_client(make_user(role=Role.STAFF)).get(url).status_code == 200


def test_staff_need_the_right_role() -> None:
    merchant = make_merchant()
    cook = make_client(make_staff(merchant, role=StaffRole.COOK).user)
    manager = make_client(make_staff(merchant, role=StaffRole.MANAGER).user)

    assert cook.post(URL, {"image": picture()}, format="multipart").status_code == 403
    assert manager.post(URL, {"image": picture()}, format="multipart").status_code == 201
    merchant.state = MerchantState.SUSPENDED
    merchant.save()
    assert manager.post(URL, {"image": picture(draw(9, 9))}, format="multipart").status_code in (403, 409)
    assert Asset.objects.count() == 1


def test_somebody_of_two_merchants_says_which() -> None:
    first = make_merchant()
    second = make_merchant(owner=first.owner)
    client = make_client(first.owner)

    unclear = client.post(URL, {"image": picture()}, format="multipart")
    clear = client.post(URL, {"image": picture(), "merchant": second.pk}, format="multipart")

    assert (unclear.status_code, list(unclear.json()["details"])) == (400, ["merchant"])
    assert clear.status_code == 201
    assert Asset.objects.get().owner_ref == f"merchant:{second.pk}"


def test_alternative_text_and_deletion() -> None:
    client = make_client(make_user())
    made = client.post(URL, {"image": picture()}, format="multipart").json()

    assert client.patch(f"{URL}{made['id']}/", {"alt": "Me"}, format="json").json()["alt"] == "Me"
    assert client.patch(f"{URL}{made['id']}/", {"alt": "x" * 256}, format="json").status_code == 400
    assert client.delete(f"{URL}{made['id']}/").status_code == 204
    assert client.get(f"{URL}{made['id']}/").status_code == 404


def test_a_list_takes_the_same_queries_for_any_length() -> None:
    client = make_client(make_user())
    counted = []
    for number in (1, 5):
        for side in range(10, 10 + number):
            client.post(URL, {"image": picture(draw(side, side))}, format="multipart")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(URL).status_code == 200
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_a_signed_upload() -> None:
    merchant = make_merchant()
    client = make_client(merchant.owner)

    ticket = client.post(f"{URL}upload-url/", {}, format="json").json()
    anyone = make_client()
    sent = anyone.post(ticket["url"], {**ticket["form"], "file": picture()}, format="multipart")
    done = client.post(f"{URL}complete/", {"upload": ticket["upload"], "alt": "Plate"}, format="json")
    again = client.post(f"{URL}complete/", {"upload": ticket["upload"]}, format="json")

    assert sent.status_code == 204
    assert (done.status_code, done.json()["alt"]) == (201, "Plate")
    assert again.json()["id"] == done.json()["id"]
    assert Asset.objects.get().owner_ref == f"merchant:{merchant.pk}"


def test_signed_uploads_are_not_for_others() -> None:
    client, other = make_client(make_user()), make_client(make_user())
    ticket: dict[str, Any] = client.post(f"{URL}upload-url/", {}, format="json").json()
    forged = ticket["url"][:-3] + "xx/"

    assert client.post(f"{URL}complete/", {"upload": ticket["upload"]}, format="json").status_code == 404
    assert make_client().post(forged, {"file": picture()}, format="multipart").status_code == 404
    assert (
        make_client().post(ticket["url"], {"file": picture(b"<svg/>")}, format="multipart").status_code == 204
    )
    assert other.post(f"{URL}complete/", {"upload": ticket["upload"]}, format="json").status_code == 404
    assert client.post(f"{URL}complete/", {"upload": ticket["upload"]}, format="json").status_code == 415
    assert (
        make_client()
        .post(ticket["url"], {"file": picture(b"x" * 10_600_000)}, format="multipart")
        .status_code
        == 413
    )
    assert not Asset.objects.exists()
