"""Numbers without gaps: per merchant, kind and year of the merchant's calendar."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.db import connection

from karvon.documents.models import DocumentKind

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {DocumentKind.INVOICE: "INV", DocumentKind.RECEIPT: "RCP", DocumentKind.CREDIT_NOTE: "CRN"}
)
_TAKE = """
    INSERT INTO documents_numberseries AS series (merchant_id, kind, year, last) VALUES (%s, %s, %s, 1)
    ON CONFLICT (merchant_id, kind, year) DO UPDATE SET last = series.last + 1
    RETURNING last
"""


def take_sequence(*, merchant_id: int, kind: str, year: int) -> int:
    """The next number; others wait for it until this transaction ends, and get it when it is rolled back. Must be called
    inside a transaction, after all other locks.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [merchant_id, kind, year])
        (sequence,) = cursor.fetchone()
    return int(sequence)


def format_number(*, kind: str, year: int, sequence: int) -> str:
    """ "INV-2026-000012"."""
    return f"{PREFIXES[kind]}-{year}-{sequence:06d}"
