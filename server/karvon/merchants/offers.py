"""Finding the open invitation behind a link's secret."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from django.utils.crypto import salted_hmac

from karvon.kernel.clock import now as clock_now
from karvon.merchants.errors import InvitationNotValid, MerchantNotActive
from karvon.merchants.models import InvitationState, MerchantState, StaffInvitation

_SALT: Final = "karvon.merchants.invitation"


def derive_secret(row: StaffInvitation) -> str:
    """The secret of an invitation's newest mail. Without the shop's key nobody gets from the row to it."""
    return salted_hmac(_SALT, f"{row.pk}:{row.nonce}", algorithm="sha256").hexdigest()


def hash_secret(secret: str) -> str:
    """A secret of 256 random bits needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_offer(secret: str, *, now: datetime | None = None, lock: bool = False) -> StaffInvitation:
    """The open offer behind a link. Raises InvitationNotValid, MerchantNotActive."""
    offers = StaffInvitation.objects.select_related("merchant")
    if lock:
        offers = offers.select_for_update(of=("self",))
    row = offers.filter(secret_hash=hash_secret(secret), state=InvitationState.PENDING).first()
    if row is None or row.expires_at <= (now or clock_now()):
        raise InvitationNotValid
    if row.merchant.state != MerchantState.ACTIVE:
        raise MerchantNotActive
    return row
