"""The states of a merchant and of its papers, one table each. `docs/merchants.md` is drawn from these tables."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from karvon.accounts.models import User
from karvon.kernel.states import StateMachine, Transition
from karvon.merchants.models import KycStatus, MerchantState, StepSubject

MERCHANT, STAFF, SYSTEM = "merchant", "staff", "system"
_OPERATORS = Transition(frozenset({STAFF, SYSTEM}))
_EITHER = Transition(frozenset({MERCHANT, STAFF, SYSTEM}))

S, K = MerchantState, KycStatus

STATE_MACHINE: Final = StateMachine(
    "shop",
    S.ACTIVE,
    MappingProxyType(
        {
            (S.ACTIVE, S.SUSPENDED): _OPERATORS,
            (S.SUSPENDED, S.ACTIVE): _OPERATORS,
            (S.ACTIVE, S.CLOSED): _EITHER,
            (S.SUSPENDED, S.CLOSED): _OPERATORS,
            (S.CLOSED, S.ACTIVE): _OPERATORS,
            (S.ACTIVE, S.DELETED): _OPERATORS,
            (S.SUSPENDED, S.DELETED): _OPERATORS,
            (S.CLOSED, S.DELETED): _OPERATORS,
        }
    ),
)
KYC_MACHINE: Final = StateMachine(
    "papers",
    K.NOT_SUBMITTED,
    MappingProxyType(
        {
            (K.NOT_SUBMITTED, K.PENDING): _EITHER,
            (K.PENDING, K.APPROVED): _OPERATORS,
            (K.PENDING, K.REJECTED): _OPERATORS,
            (K.REJECTED, K.PENDING): _EITHER,
        }
    ),
)
MACHINES: Final = MappingProxyType({StepSubject.STATE: STATE_MACHINE, StepSubject.KYC: KYC_MACHINE})


def acting_role(actor: User | None) -> str:
    """In which part somebody takes a step at a merchant."""
    if actor is None:
        return SYSTEM
    return STAFF if actor.is_operator else MERCHANT
