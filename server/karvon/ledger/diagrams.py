"""The part of `docs/ledger.md` that is drawn from the table of `ledger.states`."""

from __future__ import annotations

from karvon.kernel.drawing import draw_machine, put_between
from karvon.ledger.states import PAYOUTS, STAFF

BEGIN = (
    "<!-- drawn from karvon/ledger/states.py by `manage.py document_payouts`: change the table, not this -->"
)


def put_into(document: str) -> str:
    """The document with what is drawn renewed. Raises ValueError where there is no place for it."""
    return put_between(document, BEGIN, draw_machine(PAYOUTS, {STAFF: "operator"}))
