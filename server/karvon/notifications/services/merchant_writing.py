"""Mails to the people of a merchant, and to those who are to become some."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation

from karvon.accounts.models import User
from karvon.kernel.db import transactional
from karvon.kernel.formats import format_time
from karvon.merchants.models import InvitationState, Merchant, MerchantStep, StaffInvitation
from karvon.notifications.models import Mail, MailKind
from karvon.notifications.private_links import PLACEHOLDER
from karvon.notifications.rendering import render_mail, speak
from karvon.notifications.services.queueing import queue_mail
from karvon.notifications.services.writing import people_in_charge


@transactional
def mail_invitation(*, invitation_id: int, event_id: UUID) -> Mail | None:
    """The link to a place at a shop, in the language of the invitation; None when the offer is closed by now."""
    offers = StaffInvitation.objects.select_related("merchant", "invited_by")
    row = offers.filter(pk=invitation_id, state=InvitationState.PENDING).first()
    if row is None:
        return None
    with translation.override(speak(row.language)):
        context = {
            "shop": settings.KARVON_SHOP_NAME,
            "merchant": row.merchant.name,
            "role": row.get_role_display(),
            "inviter": row.invited_by.full_name if row.invited_by else "",
            "email": row.email,
            "until": format_time(
                row.expires_at, timezone=row.merchant.timezone, language=speak(row.language)
            ),
            "url": PLACEHOLDER,
        }
    mail = render_mail(MailKind.STAFF_INVITATION, language=row.language, context=context)
    return queue_mail(
        event_id=event_id, kind=MailKind.STAFF_INVITATION, recipient=row.email, mail=mail, about_id=row.pk
    )


@transactional
def mail_kyc_decision(*, merchant_id: int, step_id: int, event_id: UUID) -> list[Mail]:
    """To the owner: approved, or what is wrong."""
    merchant = Merchant.objects.select_related("owner").get(pk=merchant_id)
    return _mail_step(MailKind.KYC_DECISION, merchant, step_id, [merchant.owner], event_id)


@transactional
def mail_merchant_state(*, merchant_id: int, step_id: int, event_id: UUID) -> list[Mail]:
    """To the owner and the managers: their shop was suspended, brought back, closed or deleted."""
    merchant = Merchant.objects.get(pk=merchant_id)
    return _mail_step(MailKind.MERCHANT_STATE, merchant, step_id, people_in_charge(merchant), event_id)


def _mail_step(kind: MailKind, merchant: Merchant, step_id: int, people: Any, event_id: UUID) -> list[Mail]:
    step = MerchantStep.objects.get(pk=step_id)
    mails = []
    for person in people:
        if not person.email or not person.is_active:
            continue
        mail = render_mail(kind, language=person.language, context=_step_context(merchant, step, person))
        mails.append(queue_mail(event_id=event_id, kind=kind, recipient=person.email, mail=mail))
    return [mail for mail in mails if mail is not None]


def _step_context(merchant: Merchant, step: MerchantStep, person: User) -> dict[str, Any]:
    return {
        "shop": settings.KARVON_SHOP_NAME,
        "name": " ".join(person.first_name.split()),
        "merchant": merchant.name,
        "state": step.to_state,
        "note": step.note,
        "url": f"{settings.KARVON_PUBLIC_URL}/admin/merchants/merchant/{merchant.pk}/change/",
    }
