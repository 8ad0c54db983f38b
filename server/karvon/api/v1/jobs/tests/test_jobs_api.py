"""/import-jobs/ and /export-jobs/ over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.exchange.tests.factories import make_csv, make_merchant, shopify_row
from karvon.catalog.models import CatalogJob, Product
from karvon.kernel.testing import drain_outbox
from karvon.merchants.models import Merchant, StaffRole
from karvon.merchants.tests.factories import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("eager_tasks")]

IMPORTS, EXPORTS = "/api/v1/import-jobs/", "/api/v1/export-jobs/"


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


def send(client: APIClient, text: str, **fields: Any) -> Any:
    file = SimpleUploadedFile("products.csv", text.encode(), "text/csv")
    return client.post(IMPORTS, {"file": file, "format": "shopify", **fields}, format="multipart")


def test_an_import_from_file_to_report(merchant: Merchant) -> None:
    client = make_client(merchant.owner)
    text = make_csv([shopify_row("a"), shopify_row("=b", **{"Variant Price": "-1"})])

    queued = send(client, text)

    assert queued.status_code == 202, queued.json()
    job = queued.json()
    assert (job["state"], job["progress"], job["merchant"]["username"]) == ("queued", 0, "shop")
    drain_outbox()
    done = client.get(f"{IMPORTS}{job['id']}/").json()
    assert (done["state"], done["progress"], done["rows_total"], done["rows_refused"]) == ("done", 100, 2, 1)
    assert (done["products_created"], done["products_updated"], done["products_unchanged"]) == (1, 0, 0)
    assert client.get(IMPORTS).json()["count"] == 1
    refused = client.get(f"{IMPORTS}{job['id']}/refused-rows/").json()
    assert refused["results"] == [
        {"line": 3, "identifier": "=b", "field": "variant price", "message": "must not be negative"}
    ]
    file = client.get(f"{IMPORTS}{job['id']}/refused-rows/file/")
    assert b"".join(file.streaming_content).decode("utf-8-sig").splitlines() == [
        "line,identifier,field,message",
        "3,'=b,variant price,must not be negative",
    ]


def test_a_dry_run_writes_nothing(merchant: Merchant) -> None:
    job = send(make_client(merchant.owner), make_csv([shopify_row("a")]), dry_run="true").json()

    drain_outbox()

    done = make_client(merchant.owner).get(f"{IMPORTS}{job['id']}/").json()
    assert (done["dry_run"], done["products_created"]) == (True, 1)
    assert not Product.objects.exists()


def test_an_export_from_request_to_file(merchant: Merchant) -> None:
    client = make_client(merchant.owner)
    send(client, make_csv([shopify_row("a"), shopify_row("b")]))
    drain_outbox()

    job = client.post(EXPORTS, {}, format="json")
    early = client.get(f"{EXPORTS}{job.json()['id']}/file/")
    drain_outbox()

    assert (job.status_code, early.status_code, early.json()["code"]) == (202, 404, "file_not_available")
    done = client.get(f"{EXPORTS}{job.json()['id']}/").json()
    assert (done["state"], done["rows_done"]) == ("done", 2)
    file = client.get(f"{EXPORTS}{done['id']}/file/")
    assert b"".join(file.streaming_content).startswith(b'\xef\xbb\xbf"handle","slug"')
    assert file["Content-Disposition"] == 'attachment; filename="shop.csv"'
    assert file["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("fields", "blamed"),
    [({"format": "excel"}, "format"), ({"language": "tlh"}, "language"), ({"dry_run": "perhaps"}, "dry_run")],
)
def test_requests_that_make_no_sense(merchant: Merchant, fields: dict[str, str], blamed: str) -> None:
    answer = send(make_client(merchant.owner), "x", **fields)

    assert (answer.status_code, list(answer.json()["details"])) == (400, [blamed])
    assert not CatalogJob.objects.exists()


def test_files_have_a_limit(merchant: Merchant, settings: Any) -> None:
    settings.KARVON_IMPORT_MAX_BYTES = 1000

    answer = send(make_client(merchant.owner), "x" * 70_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert not CatalogJob.objects.exists()


def test_a_file_without_multipart_is_refused(merchant: Merchant) -> None:
    client = make_client(merchant.owner)

    assert client.post(IMPORTS, {"format": "shopify"}, format="json").status_code == 415
    missing = client.post(IMPORTS, {"format": "shopify"}, format="multipart")
    assert (missing.status_code, list(missing.json()["details"])) == (400, ["file"])


def test_who_may(merchant: Merchant) -> None:
    job = send(make_client(merchant.owner), make_csv([shopify_row("a")])).json()
    export = make_client(merchant.owner).post(EXPORTS, {}, format="json").json()
    drain_outbox()
    stranger = make_client(make_merchant("stranger").owner)
    cook = make_client(make_staff(merchant, role=StaffRole.COOK).user)
    operator = make_client(make_user(role=Role.STAFF))

    for url in (
        f"{IMPORTS}{job['id']}/",
        f"{IMPORTS}{job['id']}/refused-rows/",
        f"{IMPORTS}{job['id']}/refused-rows/file/",
        f"{EXPORTS}{export['id']}/",
        f"{EXPORTS}{export['id']}/file/",
    ):
        assert stranger.get(url).status_code == 404
        assert operator.get(url).status_code == 200
        assert make_client(make_user()).get(url).status_code == 403
        assert make_client().get(url).status_code == 401
    assert stranger.get(IMPORTS).json()["count"] == stranger.get(EXPORTS).json()["count"] == 0
    assert send(stranger, "x", merchant=merchant.pk).status_code == 404
    assert stranger.post(EXPORTS, {"merchant": merchant.pk}, format="json").status_code == 404
    assert send(cook, "x").status_code == 403
    assert send(operator, "x").status_code == 400
    assert send(operator, "x", merchant=merchant.pk).status_code == 202
    assert CatalogJob.objects.count() == 3


def test_too_many_jobs_wait(merchant: Merchant) -> None:
    client = make_client(merchant.owner)

    answers = [client.post(EXPORTS, {}, format="json") for _number in range(6)]

    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert answers[-1]["Retry-After"]
