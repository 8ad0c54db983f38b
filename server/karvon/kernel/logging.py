"""Logs: one JSON object a line in production, readable lines elsewhere; secrets masked, request id on every line."""

from __future__ import annotations

import re
from typing import Any

import structlog

from karvon.kernel import context

_SECRET_NAME = re.compile(r"password|token|secret|authorization|cookie|api_?key", re.IGNORECASE)
_CARD = re.compile(r"\b(?:\d[ -]?){13,19}\b")


def _add_request_id(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    if current := context.request_id.get():
        event["request_id"] = current
    return event


def mask(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Hide values under secret names, and anything that looks like a card number."""
    for name, value in event.items():
        if _SECRET_NAME.search(name):
            event[name] = "***"
        elif isinstance(value, str):
            event[name] = _CARD.sub("[number]", value)
    return event


def logging_config(*, json: bool, level: str = "INFO") -> dict[str, Any]:
    """A `LOGGING` dict; also configures structlog."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        mask,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": [*shared, structlog.processors.format_exc_info],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django.request": {"level": "ERROR"}},
    }
