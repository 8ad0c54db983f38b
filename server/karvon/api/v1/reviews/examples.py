"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

REVIEW_REQUEST = OpenApiExample(
    "review",
    value={
        "product": 42,
        "rating": 5,
        "title": "Hot and on time",
        "comment": "The dough is thin, as it should be.",
    },
    request_only=True,
)
REVIEW_ANSWER = OpenApiExample(
    "review",
    value={
        "id": 7,
        "product": 42,
        "product_title": "Lamb samsa",
        "user": {"id": 12, "name": "Aziza K."},
        "rating": 5,
        "title": "Hot and on time",
        "comment": "The dough is thin, as it should be.",
        "is_verified": True,
        "state": "visible",
        "reply": {"comment": "Thank you, come again!", "created_at": "2026-03-02T08:00:00Z"},
        "created_at": "2026-03-01T14:30:00Z",
        "updated_at": "2026-03-02T08:00:00Z",
    },
    response_only=True,
)
REPLY_REQUEST = OpenApiExample("reply", value={"comment": "Thank you, come again!"}, request_only=True)
REPORT_REQUEST = OpenApiExample("report", value={"reason": "It advertises another shop."}, request_only=True)
REPORT_ANSWER = OpenApiExample(
    "report",
    value={
        "id": 3,
        "review": 7,
        "reason": "It advertises another shop.",
        "created_at": "2026-03-03T10:00:00Z",
    },
    response_only=True,
)
HIDE_REQUEST = OpenApiExample("hide", value={"reason": "Advertising"}, request_only=True)
