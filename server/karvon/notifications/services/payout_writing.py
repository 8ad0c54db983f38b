"""Mails and messages to the owners of shops about their money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

from karvon.accounts.models import User
from karvon.kernel.db import transactional
from karvon.kernel.formats import format_amount, format_time
from karvon.ledger.models import BankDetails, Payout
from karvon.merchants.models import Merchant
from karvon.notifications.models import Mail, MailKind, Topic
from karvon.notifications.rendering import render_mail, speak
from karvon.notifications.services.announcing import is_wanted, tell
from karvon.notifications.services.queueing import queue_mail


@transactional
def mail_payout(*, payout_id: int, state: str, event_id: UUID) -> Mail | None:
    """To the owner, in their inbox and by mail as far as they want it: what became of a payout, as of that step."""
    payout = Payout.objects.select_related("merchant__owner").get(pk=payout_id)
    owner = payout.merchant.owner
    if not owner.is_active:
        return None
    context = {
        **_context(payout.merchant, owner),
        "state": state,
        "amount": format_amount(payout.amount, payout.currency, speak(owner.language)),
        "account": f"{payout.bank} {payout.masked_number}",
        "reference": payout.reference,
        "reason": payout.reason,
        "url": f"{settings.KARVON_PUBLIC_URL}/admin/ledger/payout/{payout.pk}/change/",
    }
    return _tell_owner(
        owner, MailKind.PAYOUT, context, event_id, is_declinable=True, data={"payout": payout.pk}
    )


@transactional
def mail_bank_details(*, merchant_id: int, event_id: UUID) -> Mail | None:
    """To the owner, whatever they have declined: payouts go elsewhere from now on, and wait until then."""
    details = BankDetails.objects.select_related("merchant__owner").get(merchant=merchant_id)
    merchant, owner = details.merchant, details.merchant.owner
    if not owner.is_active:
        return None
    trusted_at = details.changed_at + settings.KARVON_PAYOUT_COOLING_OFF
    context = {
        **_context(merchant, owner),
        "account": f"{details.bank} {details.masked_number}",
        "until": format_time(trusted_at, timezone=merchant.timezone, language=speak(owner.language)),
        "url": f"{settings.KARVON_PUBLIC_URL}/admin/ledger/bankdetails/{details.pk}/change/",
    }
    return _tell_owner(
        owner, MailKind.BANK_DETAILS, context, event_id, is_declinable=False, data={"merchant": merchant.pk}
    )


def _context(merchant: Merchant, owner: User) -> dict[str, Any]:
    return {
        "shop": settings.KARVON_SHOP_NAME,
        "name": " ".join(owner.first_name.split()),
        "merchant": merchant.name,
    }


def _tell_owner(
    owner: User,
    kind: MailKind,
    context: dict[str, Any],
    event_id: UUID,
    *,
    is_declinable: bool,
    data: dict[str, Any],
) -> Mail | None:
    mail = render_mail(kind, language=owner.language, context=context)
    tell(
        user=owner,
        topic=Topic.PAYOUTS,
        title=mail.subject,
        body=f"{context['merchant']} · {context['account']}",
        source=f"{event_id}:{kind}",
        data=data,
    )
    if not owner.email:
        return None
    if is_declinable and not is_wanted(user_id=owner.pk, channel="mail", topic=Topic.PAYOUTS):
        return None
    return queue_mail(event_id=event_id, kind=kind, recipient=owner.email, mail=mail)
