from __future__ import annotations

import io
import json
import logging
import logging.config
import time

import pytest
import structlog

from karvon.kernel import context
from karvon.kernel.logging import logging_config, mask_text

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"


@pytest.fixture
def production_log():
    """What production writes to its standard error."""
    root = logging.getLogger()
    handlers, level, known = list(root.handlers), root.level, structlog.get_config()
    config = logging_config(json=True)
    stream = io.StringIO()
    config["handlers"]["console"]["stream"] = stream
    logging.config.dictConfig(config)
    yield stream
    structlog.configure(**known)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_is_one_json_object_with_time_level_logger_and_request(production_log):
    token = context.request_id.set("req-12345678")
    structlog.get_logger("karvon.test").info("order_placed", order_id=7123456789012345, note="ikki\nqator")
    logging.getLogger("some.library").warning("took %s ms", 12)
    context.request_id.reset(token)

    ours, theirs = lines(production_log)
    assert ours["event"] == "order_placed"
    assert ours["order_id"] == 7123456789012345
    assert ours["note"] == "ikki\nqator"
    assert (ours["level"], ours["logger"], ours["request_id"]) == ("info", "karvon.test", "req-12345678")
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["request_id"]) == ("took 12 ms", "req-12345678")


def test_a_traceback_is_part_of_its_line_and_masked_like_everything_else(production_log):
    try:
        raise ValueError(f"duplicate key (email)=(ali@shop.uz) token={JWT}")
    except ValueError:
        logging.getLogger("karvon.test").exception("failed")
        structlog.get_logger("karvon.test").exception("failed_too")

    written = production_log.getvalue()
    assert [line["event"] for line in lines(production_log)] == ["failed", "failed_too"]
    assert all("ValueError: duplicate key" in line["exception"] for line in lines(production_log))
    assert "ali@shop.uz" not in written
    assert JWT not in written


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "right-horse"},
        {"new_password": "right-horse"},
        {"Authorization": "right-horse"},
        {"refresh_token": "right-horse"},
        {"headers": {"Cookie": "right-horse"}},
        {"bodies": [{"user": {"api_key": "right-horse"}}]},
        {"url": "/api/v1/orders/7/?token=right-horse&page=1"},
        {"note": 'posted {"password": "right-horse", "a": 1}'},
        {"note": "Authorization: Bearer right-horse"},
    ],
)
def test_secrets_are_never_written(production_log, fields):
    structlog.get_logger("karvon.test").warning("something", **fields)
    logging.getLogger("karvon.test").warning("something %s", fields)

    assert "right-horse" not in production_log.getvalue()
    assert len(lines(production_log)) == 2


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mail for ali.vali+1@mail.shop.uz now", "mail for [mail] now"),
        ("call +998901234567 or +998 90 123-45-67", "call [phone] or [phone]"),
        ("card 8600 1234 5678 9016 7", "card 8600 1234 5678 9016 7"),
        ("card 4111 1111 1111 1111.", "card [number]."),
        ("order 7123456789012345", "order 7123456789012345"),
        (f"bearer {JWT} refused", "bearer [token] refused"),
        ("the password must have 8 signs", "the password must have 8 signs"),
        ("500 items in 3.2 s", "500 items in 3.2 s"),
    ],
)
def test_texts_keep_what_helps_and_lose_what_is_personal(text, written):
    assert mask_text(text) == written


@pytest.mark.parametrize("part", ["x", "1", "x.", "token", "a@", "-", "password ", "+1"])
def test_long_words_do_not_keep_the_log_busy(part):
    begun = time.process_time()

    mask_text(part * 20_000)

    assert time.process_time() - begun < 2
