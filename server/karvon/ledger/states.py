"""The road of a payout. `docs/ledger.md` is drawn from this table."""

from __future__ import annotations

from types import MappingProxyType

from karvon.kernel.states import StateMachine, Transition
from karvon.ledger.models import PayoutState

STAFF = "staff"
_STAFF = Transition(frozenset({STAFF}))
S = PayoutState

PAYOUTS = StateMachine(
    "payout",
    S.DRAFT,
    MappingProxyType(
        {
            (S.DRAFT, S.APPROVED): _STAFF,
            (S.DRAFT, S.CANCELLED): _STAFF,
            (S.APPROVED, S.PAID): _STAFF,
            (S.APPROVED, S.FAILED): _STAFF,
        }
    ),
)
