"""What this room announces to the floors above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class MerchantChanged(DomainEvent):
    """Something that shop windows show or depend on: name, username, logo, language, tax rate or state."""

    TYPE: ClassVar[str] = "merchants.merchant_changed"

    merchant_id: int


@dataclass(frozen=True)
class BranchChanged(DomainEvent):
    """A branch was opened, closed, or became the default: what is in stock where may have changed."""

    TYPE: ClassVar[str] = "merchants.branch_changed"

    branch_id: int
    merchant_id: int


@dataclass(frozen=True)
class MerchantStateChanged(DomainEvent):
    """A shop was suspended, brought back, closed or deleted; `step_id` is the entry of its timeline."""

    TYPE: ClassVar[str] = "merchants.state_changed"

    merchant_id: int
    step_id: int
    from_state: str
    to_state: str


@dataclass(frozen=True)
class KycSubmitted(DomainEvent):
    """Papers wait for a decision."""

    TYPE: ClassVar[str] = "merchants.kyc_submitted"

    merchant_id: int
    step_id: int


@dataclass(frozen=True)
class KycDecided(DomainEvent):
    """Papers were approved or rejected; the note is in the step."""

    TYPE: ClassVar[str] = "merchants.kyc_decided"

    merchant_id: int
    step_id: int
    to_state: str


@dataclass(frozen=True)
class StaffInvited(DomainEvent):
    """A mail to somebody who is to work here was asked for. The secret is made when the mail is sent."""

    TYPE: ClassVar[str] = "merchants.staff_invited"

    invitation_id: int
    merchant_id: int
