"""The parts of `docs/payments.md` that are drawn from the tables of the code."""

from __future__ import annotations

from django.utils import translation

from karvon.kernel.drawing import draw_machine, put_between
from karvon.payments.protocol import CallingProvider, Provider, WebhookProvider
from karvon.payments.registry import list_providers
from karvon.payments.states import PAYMENTS, STAFF, SYSTEM

STATES = "<!-- drawn from karvon/payments/states.py by `manage.py document_payments`: change the table, not this -->"
PROVIDERS = "<!-- drawn from karvon/payments/providers by `manage.py document_payments`: change the code, not this -->"
_REFUNDS = {"partial": "whole and in parts", "full": "whole only", "none": "by hand"}


def put_into(document: str) -> str:
    """The document with what is drawn renewed. Raises ValueError where there is no place for it."""
    document = put_between(document, STATES, draw_machine(PAYMENTS, {SYSTEM: "provider", STAFF: "operator"}))
    return put_between(document, PROVIDERS, draw_providers())


def draw_providers() -> str:
    """What each provider can do, in Markdown."""
    with translation.override("en"):
        rows = [_row(each) for each in list_providers()]
    return "\n".join(
        [
            "| provider | tells by | currencies | refunds | can be asked | lists days |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )


def _row(way: Provider) -> str:
    able = way.capabilities
    tells = "signed events" if isinstance(way, WebhookProvider) else "an operator"
    if isinstance(way, CallingProvider):
        tells = "calling procedures here"
    if way.slug in ("cash", "card_on_delivery"):
        tells = "handing the order over"
    cells = [
        f"`{way.slug}`",
        tells,
        ", ".join(sorted(able.currencies)) if able.currencies is not None and len(able.currencies) < 6 else
        ("any" if able.currencies is None else f"{len(able.currencies)} of them"),
        _REFUNDS[able.refunds],
        "yes" if able.can_fetch else "no",
        "yes" if able.lists_days else "no",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"
