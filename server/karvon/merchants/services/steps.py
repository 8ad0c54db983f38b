"""The one place where a merchant's states are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karvon.merchants.errors import MerchantNotFound
from karvon.merchants.machines import MACHINES, acting_role
from karvon.merchants.models import Merchant, MerchantStep, StepSubject

if TYPE_CHECKING:
    from karvon.accounts.models import User

COLUMNS = {StepSubject.STATE: "state", StepSubject.KYC: "kyc_status"}
LONGEST_NOTE = 1000


def lock_merchant(merchant_id: int) -> Merchant:
    """The row, locked against other writes of it; orders may still refer to it. Raises MerchantNotFound."""
    merchant = Merchant.objects.select_for_update(no_key=True).filter(pk=merchant_id).first()
    if merchant is None:
        raise MerchantNotFound
    return merchant


def take_step(
    merchant: Merchant, subject: StepSubject, to: str, *, actor: User | None, note: str = ""
) -> MerchantStep:
    """Take a locked merchant along one of its machines and write the timeline.

    Raises InvalidTransition, PermissionRefused.
    """
    column = COLUMNS[subject]
    before, role = getattr(merchant, column), acting_role(actor)
    MACHINES[subject].check(before, to, role)
    setattr(merchant, column, to)
    merchant.save(update_fields=[column, "updated_at"])
    return MerchantStep.objects.create(
        merchant=merchant,
        subject=subject,
        from_state=before,
        to_state=to,
        actor=actor,
        actor_role=role,
        note=note.strip()[:LONGEST_NOTE],
    )
