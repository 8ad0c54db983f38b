"""What ours and theirs tell differently, written down once for a person to look at."""

from __future__ import annotations

from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.payments.events import PaymentNeedsAttention
from karvon.payments.models import Difference, DifferenceKind, Payment


@transactional
def note_difference(
    payment: Payment | None,
    kind: DifferenceKind,
    *,
    reference: str,
    ours: str,
    theirs: str,
    provider: str = "",
    account_id: int | None = None,
) -> bool:
    """Write a difference down, unless it is open already; True when it is new, and operators are told. A dispute goes on: what
    comes of it is added to what is open, and is news each time.
    """
    provider = payment.provider if payment else provider
    row, is_new = Difference.objects.select_for_update().get_or_create(
        provider=provider,
        account_id=payment.account_id if payment else account_id,
        kind=kind,
        reference=reference[:128],
        resolved_at=None,
        defaults={"payment": payment, "ours": ours[:255], "theirs": theirs[:255]},
    )
    if not is_new and kind == DifferenceKind.DISPUTE and theirs[:100] not in row.theirs:
        row.theirs, is_new = f"{row.theirs}; {theirs[:100]}"[-255:], True
        row.save(update_fields=["theirs"])
    if is_new:
        publish(PaymentNeedsAttention(provider, reference[:128], kind, payment.pk if payment else None))
    return is_new
