"""What belongs to the request in hand."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
# the caller's network address; empty outside of requests
address: ContextVar[str] = ContextVar("address", default="")
