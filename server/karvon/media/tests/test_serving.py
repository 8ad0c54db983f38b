"""Pictures under /media/."""

from __future__ import annotations

import io

import pytest
from django.test import Client

from karvon.media import services
from karvon.media.models import Asset
from karvon.media.selectors import PLATFORM
from karvon.media.tests.pictures import draw

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset() -> Asset:
    return services.store_image(data=io.BytesIO(draw()), file_name="a.png", owner_ref=PLATFORM, actor=None)


def test_a_picture_is_served_for_ever(client: Client, asset: Asset) -> None:
    response = client.get(f"/media/{asset.file}")

    assert response.status_code == 200
    assert len(b"".join(response.streaming_content)) == asset.size_bytes
    assert response["Content-Type"] == "image/png"
    assert response["Content-Length"] == str(asset.size_bytes)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


def test_a_browser_that_has_it_gets_nothing(client: Client, asset: Asset) -> None:
    etag = client.head(f"/media/{asset.file}")["ETag"]

    response = client.get(f"/media/{asset.file}", headers={"If-None-Match": etag})

    assert response.status_code == 304
    assert response.content == b""


def test_only_reading(client: Client, asset: Asset) -> None:
    head = client.head(f"/media/{asset.file}")

    assert (head.status_code, head["Content-Length"], head.content) == (200, str(asset.size_bytes), b"")
    for method in (client.post, client.put, client.delete):
        assert method(f"/media/{asset.file}").status_code == 405


@pytest.mark.parametrize(
    "name",
    [
        "",
        "images/",
        "../settings/base.py",
        "..%2f..%2fmanage.py",
        "images/../../private/jobs/a.csv",
        "images/aa/bb/../../../x.png",
        "/etc/passwd",
        "images/aa/bb/" + "c" * 64 + ".svg",
        "images/aa/bb/" + "c" * 64 + ".png",
        "uploads/20260101/x",
        "images\\aa\\bb",
    ],
)
def test_no_other_file_can_be_reached(client: Client, name: str) -> None:
    assert client.get(f"/media/{name}").status_code == 404


def test_a_nul_in_a_name_is_a_bad_request(client: Client) -> None:
    assert client.get("/media/images/a.png%00.jpg").status_code == 400
