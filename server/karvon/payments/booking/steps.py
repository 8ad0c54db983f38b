"""A payment takes a step."""

from __future__ import annotations

from karvon.kernel.events import publish
from karvon.kernel.rows import write_fields
from karvon.payments.events import PaymentChanged
from karvon.payments.models import Payment
from karvon.payments.states import PAYMENTS, SYSTEM


def take_step(payment: Payment, to: str, *, fields: tuple[str, ...] = ()) -> None:
    """Write a locked payment's new state, with other changed `fields`. Raises InvalidTransition."""
    before = payment.state
    PAYMENTS.check(before, to, SYSTEM)
    payment.state = to
    write_fields(payment, "state", *fields)
    publish(PaymentChanged(payment.pk, payment.order_id, before, to))


def can_step(payment: Payment, to: str) -> bool:
    """Whether the table has that step."""
    return to in PAYMENTS.targets(payment.state)
