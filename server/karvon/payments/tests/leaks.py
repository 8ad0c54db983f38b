"""Looking for what must never be kept or written into logs: card numbers, and what opens accounts with providers."""

from __future__ import annotations

import base64
import logging
import re
from functools import lru_cache

from django.db import connection
from structlog.stdlib import ProcessorFormatter

from karvon.simulators.credentials import DEMO

# the test cards of the providers' sheets
CARDS = (
    "4242 4242 4242 4242", "4000 0000 0000 9995", "4000 0025 0000 3155", "4111 1111 1111 1111",
)  # fmt: skip
KEYS = (
    DEMO.stripe_secret_key, DEMO.stripe_webhook_secret, DEMO.razorpay_key_secret, DEMO.razorpay_webhook_secret,
    DEMO.paypal_client_secret, DEMO.payme_key, DEMO.click_secret_key, DEMO.uzum_password,
)  # fmt: skip
# names and passwords as they go over the line
SIGNED_ON = tuple(
    base64.b64encode(f"{name}:{password}".encode()).decode()
    for name, password in (
        (DEMO.razorpay_key_id, DEMO.razorpay_key_secret),
        (DEMO.paypal_client_id, DEMO.paypal_client_secret),
        ("Paycom", DEMO.payme_key),
        (DEMO.uzum_username, DEMO.uzum_password),
    )
)
TOKENS = (r"A21AA[A-Za-z0-9]{40,}",)  # PayPal's

PATTERN = "|".join(
    [
        *(card.replace(" ", "[ -]?") for card in CARDS),
        *(re.escape(each) for each in (*KEYS, *SIGNED_ON)),
        *TOKENS,
    ]
)
_found_by = re.compile(PATTERN)
# what is sealed by a key that is not in the database, and what no customer or provider writes into
_ROOMS = "^(payments|audit|kernel|orders|notifications|ledger|documents|analytics|carts)_"


def find_in_text(text: str) -> list[str]:
    """What of it must not be there."""
    return _found_by.findall(text)


def find_in_database() -> list[str]:
    """`table.column` of every text, JSON and bytes column that has any of it; of this transaction too."""
    with connection.cursor() as cursor:
        cursor.execute(_search(connection.settings_dict["NAME"]), [PATTERN])
        return [where for (where,) in cursor.fetchall()]


@lru_cache(maxsize=1)
def _search(database: str) -> str:
    """One statement over all columns, each table read once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "JOIN information_schema.tables USING (table_schema, table_name) "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name ~ %s AND data_type IN "
            "('text', 'character varying', 'json', 'jsonb', 'bytea') ORDER BY 1, 2",
            [_ROOMS],
        )
        columns = cursor.fetchall()
    parts: dict[str, list[str]] = {}
    for table, column, kind in columns:
        value = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
        parts.setdefault(table, []).append(f"('{table}.{column}', {value})")
    asked = (
        f'SELECT DISTINCT place FROM "{table}", LATERAL (VALUES {", ".join(values)}) AS seen (place, value) '
        "WHERE value ~ looked.pattern"
        for table, values in parts.items()
    )
    every = " UNION ALL ".join(f"({each})" for each in asked)
    return f"SELECT found.place FROM (SELECT %s::text AS pattern) looked, LATERAL ({every}) found ORDER BY 1"


class Watch(logging.Handler):
    """Reads along with what the log says, as it is written: after secrets have been masked."""

    def __init__(self) -> None:
        super().__init__()
        written = (each.formatter for each in logging.getLogger().handlers)
        self.setFormatter(next(each for each in written if isinstance(each, ProcessorFormatter)))
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - whoever logs it will hear of that
            line = str(record.msg)
        if find_in_text(line):
            self.found.append(line)

    def take(self) -> list[str]:
        """What was found since the last time."""
        found, self.found = self.found, []
        return found
