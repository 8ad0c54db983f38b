"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

IMPORT_REQUEST = OpenApiExample(
    "a Shopify export",
    value={"file": "<the file>", "format": "shopify", "dry_run": True},
    media_type="multipart/form-data",
    request_only=True,
)

_JOB = {
    "id": 12,
    "merchant": {"id": 1, "username": "plov-centre", "name": "Plov Centre"},
    "format": "karvon",
    "state": "done",
    "file_name": "plov-centre.csv",
    "rows_total": 240,
    "rows_done": 240,
    "progress": 100,
    "error": "",
    "created_at": "2026-01-01T14:30:00Z",
    "started_at": "2026-01-01T14:30:01Z",
    "finished_at": "2026-01-01T14:30:04Z",
}
IMPORT_ANSWER = OpenApiExample(
    "import",
    value={
        **_JOB,
        "format": "shopify",
        "file_name": "products_export.csv",
        "dry_run": False,
        "language": "en",
        "products_created": 180,
        "products_updated": 2,
        "products_unchanged": 20,
        "rows_refused": 3,
        "notes": [{"text": "column ignored: seo title", "count": 1}],
    },
    response_only=True,
)
EXPORT_ANSWER = OpenApiExample("export", value=_JOB, response_only=True)
EXPORT_REQUEST = OpenApiExample("export", value={"merchant": 1}, request_only=True)
REFUSED_ANSWER = OpenApiExample(
    "refused row",
    value={
        "line": 17,
        "identifier": "blue-shirt",
        "field": "variant price",
        "message": "must not be negative",
    },
    response_only=True,
)
