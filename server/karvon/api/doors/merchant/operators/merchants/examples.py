"""Examples of what operators send."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

SUSPEND = OpenApiExample("suspend", value={"reason": "Complaints about quality"}, request_only=True)
ACTIVATE = OpenApiExample("activate", value={"reason": "Cleared up"}, request_only=True)
KYC = OpenApiExample(
    "reject", value={"decision": "rejected", "note": "The passport has expired."}, request_only=True
)
