"""The road of a payment. `docs/payments.md` is drawn from this table."""

from __future__ import annotations

from itertools import product
from types import MappingProxyType

from karvon.kernel.states import StateMachine, Transition
from karvon.payments.models.payment import PaymentStatus

STAFF, SYSTEM = "staff", "system"
S = PaymentStatus
_PROVIDER = Transition(frozenset({SYSTEM, STAFF}))

# a failed card may be followed by a good one on the same page, and money may come late: truth is what the provider says
_WAITING = (S.CREATED, S.PENDING)
_GIVEN_UP = (S.FAILED, S.EXPIRED, S.CANCELLED)

PAYMENTS = StateMachine(
    "payment",
    S.CREATED,
    MappingProxyType(
        {
            (S.CREATED, S.PENDING): _PROVIDER,
            **{(here, S.AUTHORIZED): _PROVIDER for here in (*_WAITING, *_GIVEN_UP)},
            **{(here, S.PAID): _PROVIDER for here in (*_WAITING, S.AUTHORIZED, *_GIVEN_UP)},
            **dict.fromkeys(product((*_WAITING, S.AUTHORIZED), _GIVEN_UP), _PROVIDER),
            (S.FAILED, S.PENDING): _PROVIDER,
            (S.PAID, S.PARTIALLY_REFUNDED): _PROVIDER,
            (S.PAID, S.REFUNDED): _PROVIDER,
            (S.PARTIALLY_REFUNDED, S.REFUNDED): _PROVIDER,
        }
    ),
)
