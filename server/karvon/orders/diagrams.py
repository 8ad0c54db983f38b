"""The part of `docs/orders.md` that is drawn from the tables of `orders.states`."""

from __future__ import annotations

from karvon.kernel.drawing import draw_machine, put_between
from karvon.orders.states import CUSTOMER, MACHINES, MERCHANT, STAFF, SYSTEM

BEGIN = (
    "<!-- drawn from karvon/orders/states.py by `manage.py document_states`: change the tables, not this -->"
)

_WHO = {CUSTOMER: "customer", MERCHANT: "merchant", STAFF: "operator", SYSTEM: "system"}


def draw_states() -> str:
    """A diagram and a table of steps for every flow, in Markdown."""
    return "\n\n".join(f"### `{flow}`\n\n{draw_machine(machine, _WHO)}" for flow, machine in MACHINES.items())


def put_into(document: str) -> str:
    """The document with what is drawn renewed. Raises ValueError where there is no place for it."""
    return put_between(document, BEGIN, draw_states())
