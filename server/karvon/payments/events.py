"""What this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class PaymentChanged(DomainEvent):
    """A payment took a step."""

    TYPE: ClassVar[str] = "payments.payment_changed"

    payment_id: int
    order_id: int
    from_state: str
    to_state: str


@dataclass(frozen=True)
class CaptureAwaited(DomainEvent):
    """A customer has agreed to pay, and the provider waits for our word to take the money."""

    TYPE: ClassVar[str] = "payments.capture_awaited"

    payment_id: int
    order_id: int


@dataclass(frozen=True)
class RefundRequested(DomainEvent):
    """Money is to go back to a customer."""

    TYPE: ClassVar[str] = "payments.refund_requested"

    refund_id: str
    order_id: int


@dataclass(frozen=True)
class RefundFinished(DomainEvent):
    """Money is back with the customer, or the provider refused to give it back (`state`: succeeded, failed)."""

    TYPE: ClassVar[str] = "payments.refund_finished"

    refund_id: str
    order_id: int
    state: str


@dataclass(frozen=True)
class SurplusMoved(DomainEvent):
    """Money that no order needed came in, or went back: of a second payment, or of one that came too late.

    `amount` is a decimal string; `at` is ISO 8601. Nothing of it is anybody's earnings.
    """

    TYPE: ClassVar[str] = "payments.surplus_moved"

    payment_id: int
    order_id: int
    kind: Literal["received", "returned"]
    reason: str
    method: str
    currency: str
    amount: str
    at: str
    is_merchants: bool = False


@dataclass(frozen=True)
class PaymentNeedsAttention(DomainEvent):
    """A person must look: amounts that do not fit, a dispute, a refund that the provider refuses."""

    TYPE: ClassVar[str] = "payments.needs_attention"

    provider: str
    reference: str
    what: str
    payment_id: int | None = None
