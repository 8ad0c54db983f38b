"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

REVIEW_REQUEST = OpenApiExample(
    "review", value={"product": 1, "rating": 5, "comment": "Worth every tiyin."}, request_only=True
)
REVIEW_ANSWER = OpenApiExample(
    "review",
    value={
        "id": 7,
        "product": 1,
        "user": {"id": 12, "name": "Aziza K."},
        "rating": 5,
        "title": "",
        "comment": "Worth every tiyin.",
        "is_verified": True,
        "created_at": "2026-03-01T14:30:00Z",
        "updated_at": "2026-03-01T14:30:00Z",
    },
    response_only=True,
)
