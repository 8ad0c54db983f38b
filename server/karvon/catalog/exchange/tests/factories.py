"""A merchant to import for, and files to import."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from karvon.catalog.exchange.jobs import run_import_now
from karvon.catalog.exchange.selectors import list_refused_rows
from karvon.catalog.models import CatalogJob
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant as make_any_merchant

SAMPLES = Path(__file__).resolve().parents[6] / "shared" / "data"


def sample(path: str) -> Path:
    """A file of the sample data beside the repository; the test is skipped where there is none."""
    found = SAMPLES / path
    if not found.exists():
        pytest.skip(f"no sample data at {found}")
    return found


def make_merchant(username: str = "shop", **fields: Any) -> Merchant:
    """A shop whose texts are English and whose prices are dollars unless said otherwise."""
    return make_any_merchant(username=username, **{"currency": "USD", "default_language": "en", **fields})


def run(merchant: Merchant, data: bytes | str | Path, format_name: str, **options: Any) -> CatalogJob:
    if isinstance(data, Path):
        data = data.read_bytes()
    source = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return run_import_now(
        merchant=merchant,
        actor=merchant.owner,
        format_name=format_name,
        source=source,
        file_name="file.csv",
        **options,
    )


def counts(job: CatalogJob) -> dict[str, int]:
    return {
        "rows": job.rows_done,
        "created": job.products_created,
        "updated": job.products_updated,
        "unchanged": job.products_unchanged,
        "refused": job.rows_refused,
    }


def refused(job: CatalogJob) -> list[tuple[int, str, str]]:
    return [(row.line, row.field, row.message) for row in list_refused_rows(job)]


def make_csv(rows: Sequence[dict[str, Any]], **dialect: Any) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, **{"lineterminator": "\n", **dialect})
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def shopify_row(handle: str, **cells: Any) -> dict[str, Any]:
    return {
        "Handle": handle,
        "Title": handle.title(),
        "Variant SKU": f"{handle}-sku",
        "Variant Price": "10.00",
        **cells,
    }
