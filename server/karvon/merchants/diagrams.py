"""The parts of `docs/merchants.md` that are drawn from the tables of `merchants.policies` and `merchants.machines`."""

from __future__ import annotations

from karvon.kernel.drawing import draw_machine, put_between
from karvon.merchants.machines import KYC_MACHINE, MERCHANT, STAFF, STATE_MACHINE, SYSTEM
from karvon.merchants.models import StaffRole
from karvon.merchants.policies import ALLOWED, WHILE_CLOSED, Action

_BY = "by `manage.py document_merchants`: change the tables, not this -->"
RIGHTS = f"<!-- drawn from karvon/merchants/policies.py {_BY}"
STATES = f"<!-- states of a shop, drawn from karvon/merchants/machines.py {_BY}"
PAPERS = f"<!-- states of papers, drawn from karvon/merchants/machines.py {_BY}"

_WHO = {MERCHANT: "merchant", STAFF: "operator", SYSTEM: "system"}
_SAID = {
    Action.MANAGE_MERCHANT: "the shop's particulars, where payouts go, closing it",
    Action.MANAGE_PAPERS: "handing papers in",
    Action.MANAGE_STAFF: "staff and invitations (managers are named by the owner), telling them something",
    Action.MANAGE_BRANCHES: "branches",
    Action.MANAGE_CATALOGUE: "the catalogue",
    Action.MANAGE_PROMOTIONS: "promotions",
    Action.ADJUST_STOCK: "stock",
    Action.ADVANCE_ORDERS: "steps of orders",
    Action.CANCEL_ORDERS: "calling orders off",
    Action.REPLY_REVIEWS: "answers to reviews",
    Action.VIEW_ORDERS: "looking at orders",
    Action.VIEW_STOCK: "looking at stock",
    Action.VIEW_STAFF: "looking at staff and invitations",
    Action.VIEW_REPORTS: "looking at figures, balances and payouts",
    Action.VIEW_PAPERS: "looking at papers and the timeline",
}


def draw_rights() -> str:
    """Who may do what, and whether while the shop is suspended or closed."""
    roles = list(StaffRole)
    names = " | ".join(role.value.replace("_", " ") for role in roles)
    rows = [
        f"| {_SAID[action]} | yes | "
        + " | ".join("yes" if role in ALLOWED[action] else "" for role in roles)
        + f" | {'yes' if action in WHILE_CLOSED else ''} |"
        for action in Action
    ]
    head = f"| | owner | {names} | also while suspended or closed |"
    return "\n".join([head, "|---" * (len(roles) + 3) + "|", *rows])


def put_into(document: str) -> str:
    """The document with what is drawn renewed. Raises ValueError where there is no place for it."""
    drawn = {
        RIGHTS: draw_rights(),
        STATES: draw_machine(STATE_MACHINE, _WHO),
        PAPERS: draw_machine(KYC_MACHINE, _WHO),
    }
    for begin, part in drawn.items():
        document = put_between(document, begin, part)
    return document
