"""Logs: one JSON object a line in production, readable lines elsewhere; secrets masked, request id on every line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import structlog

from karvon.kernel import context

_SECRET_NAME = re.compile(r"password|token|secret|authorization|cookie|api_?key|otp", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
# none of these looks at a long word more than once: strangers have a say in what is logged
_PAIR = re.compile(
    r"(?P<name>(?:password|token|secret|authorization|cookie|api_?key)[\w-]{0,64}[\"']?\s*[=:]\s*)"
    r"(?:(?:bearer|jwt|basic)\s+)?(?P<value>\"[^\"]*\"|'[^']*'|[^\s,;&\"'}\])]+)",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+\d[\d ()-]{7,17}\d")
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
HIDDEN = "***"


def _add_request_id(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    if current := context.request_id.get():
        event["request_id"] = current
    return event


def mask(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Hide values under secret names at any depth, and in texts tokens, card numbers, mail addresses and phones."""
    for name, value in event.items():
        if not name.startswith("_"):  # structlog's own
            event[name] = HIDDEN if _SECRET_NAME.search(name) else _masked(value)
    return event


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if isinstance(name, str) and _SECRET_NAME.search(name) else _masked(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return mask_text(str(value))


def mask_text(text: str) -> str:
    """The text without tokens, "password=…" values, card numbers, mail addresses and phones."""
    text = _JWT.sub("[token]", text)
    text = _PAIR.sub(lambda found: found["name"] + HIDDEN, text)
    text = _MAIL.sub("[mail]", text)
    text = _PHONE.sub("[phone]", text)
    return mask_cards(text)


def mask_cards(text: str) -> str:
    """The text without card numbers."""
    return _CARD.sub(lambda found: "[number]" if _is_card(found[0]) else found[0], text)


def _is_card(text: str) -> bool:
    """By the check digit (Luhn), so that long ids stay readable."""
    digits = [int(sign) for sign in reversed(text) if sign.isdigit()]
    return sum(digits[0::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def logging_config(*, json: bool, level: str = "INFO") -> dict[str, Any]:
    """A `LOGGING` dict; also configures structlog."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
    ]
    # tracebacks become text first: what they quote is masked like everything else
    last: list[Any] = [structlog.processors.format_exc_info, mask]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            *last,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": [*shared, *last],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django.request": {"level": "ERROR"}},
    }
