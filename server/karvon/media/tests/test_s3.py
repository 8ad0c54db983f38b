"""The same with S3 behind it: a server of its own on the loopback address."""

from __future__ import annotations

import http.client
import io
import secrets
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from karvon.accounts.tests.factories import make_user
from karvon.media import services
from karvon.media.errors import StorageFull, UploadNotFound
from karvon.media.models import Asset, AssetState, Rendition
from karvon.media.selectors import PLATFORM, user_ref
from karvon.media.tests.pictures import draw, draw_photo

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=_free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_endpoint: str, settings: Any) -> str:
    bucket = f"karvon-{secrets.token_hex(4)}"
    access = {"endpoint_url": s3_endpoint, "region_name": "us-east-1", "access_key": "x", "secret_key": "y"}
    client = boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="y",
    )
    client.create_bucket(Bucket=bucket)
    options = {**access, "bucket_name": bucket, "file_overwrite": True}
    backend = "storages.backends.s3.S3Storage"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": backend,
            "OPTIONS": {**options, "location": "public", "querystring_auth": False},
        },
        "private": {"BACKEND": backend, "OPTIONS": {**options, "location": "private"}},
    }
    return s3_endpoint


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_pictures_and_renditions_go_to_the_bucket(s3: str) -> None:
    asset = services.store_image(data=io.BytesIO(draw_photo()), file_name="", owner_ref=PLATFORM, actor=None)

    services.make_renditions(asset_id=asset.pk)

    asset.refresh_from_db()
    assert asset.state == AssetState.READY
    assert Rendition.objects.count() == 8
    for file in [asset.file, *Rendition.objects.values_list("file", flat=True)]:
        assert storages["default"].exists(file)


def test_a_client_uploads_straight_to_the_bucket(s3: str) -> None:
    user = make_user()
    ticket = services.begin_upload(actor=user, owner_ref=user_ref(user.pk))
    with pytest.raises(UploadNotFound):
        services.complete_upload(upload=ticket.upload, actor=user)

    assert ticket.url is not None
    assert post_form(ticket.url, ticket.fields, draw()) == 204
    asset = services.complete_upload(upload=ticket.upload, actor=user)

    assert asset.owner_ref == user_ref(user.pk)
    assert storages["default"].exists(asset.file)
    assert ticket.fields["key"].startswith("private/uploads/")


def test_an_unreachable_bucket_is_told_and_leaves_no_row(s3: str, settings: Any) -> None:
    options = {**settings.STORAGES["default"]["OPTIONS"], "bucket_name": "no-such-bucket"}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}

    with pytest.raises(StorageFull):
        services.store_image(data=io.BytesIO(draw()), file_name="", owner_ref=PLATFORM, actor=None)

    assert not Asset.objects.exists()


def post_form(url: str, fields: dict[str, str], content: bytes) -> int:
    """A browser's form upload; the status of the answer."""
    boundary = "----karvon"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'.encode()
        + content
        + f"\r\n--{boundary}--\r\n".encode()
    )
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    connection.request("POST", address.path, b"".join(parts), headers)
    status = connection.getresponse().status
    connection.close()
    return status
