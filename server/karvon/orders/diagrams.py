"""The part of `docs/orders.md` that is drawn from the tables of `orders.states`."""

from __future__ import annotations

from karvon.kernel.states import StateMachine
from karvon.orders.states import CUSTOMER, MACHINES, MERCHANT, STAFF, SYSTEM

BEGIN = (
    "<!-- drawn from karvon/orders/states.py by `manage.py document_states`: change the tables, not this -->"
)
END = "<!-- end of what is drawn -->"

_WHO = {CUSTOMER: "customer", MERCHANT: "merchant", STAFF: "operator", SYSTEM: "system"}


def draw_states() -> str:
    """A diagram and a table of steps for every flow, in Markdown."""
    return "\n\n".join(_draw(flow, machine) for flow, machine in MACHINES.items())


def put_into(document: str) -> str:
    """The document with what is drawn between its marks renewed. Raises ValueError where a mark is missing."""
    before, begin, rest = document.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the document has no place for the states")
    return f"{before}{BEGIN}\n\n{draw_states()}\n\n{END}{after}"


def _draw(flow: str, machine: StateMachine) -> str:
    head = "| from | to | " + " | ".join(_WHO.values()) + " |"
    rows = [
        f"| {here} | {to} | " + " | ".join("yes" if who in step.actors else "" for who in _WHO) + " |"
        for (here, to), step in machine.transitions.items()
    ]
    table = "\n".join([head, "|---" * (len(_WHO) + 2) + "|", *rows])
    return f"### `{flow}`\n\n```mermaid\n{machine.to_mermaid()}\n```\n\n{table}"
