"""Invitations by mail: asked for, sent again, withdrawn, accepted once.

The link's secret exists in the mail only: it is worked out from the shop's key when the mail is handed over, and a table has
its hash. Each mail has another, and the newest is the one that works; the invitation's row is the lock under which it is
used up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from karvon.accounts.models import User
from karvon.accounts.names import normalise_email
from karvon.accounts.services import confirm_email, register_user
from karvon.accounts.services.people import Registration
from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import constraint_of, transactional
from karvon.kernel.errors import RateLimited
from karvon.kernel.events import publish
from karvon.kernel.ids import new_token
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.errors import (
    AlreadyInvited,
    AlreadyStaff,
    InvitationNotFound,
    TooManyInvitations,
)
from karvon.merchants.events import StaffInvited
from karvon.merchants.models import (
    InvitationState,
    Merchant,
    MerchantStaff,
    StaffInvitation,
    StaffRole,
)
from karvon.merchants.offers import derive_secret, find_offer, hash_secret
from karvon.merchants.policies import Action, require
from karvon.merchants.services.staff import add_staff, require_rank

MOST_PENDING = 50
# strangers' letter boxes are not to be filled with our mails
BETWEEN_MAILS = timedelta(minutes=1)


@transactional
def invite_staff(
    *,
    actor: User | None,
    merchant_id: int,
    email: str,
    role: StaffRole | str,
    language: str = "",
    now: datetime | None = None,
) -> StaffInvitation:
    """Offers a place by mail, in `language` or the language of the account behind the address or the shop's.

    Raises ValidationFailed, AlreadyInvited, AlreadyStaff, TooManyInvitations and what `policies.require` raises.
    """
    now = now or clock_now()
    merchant = require(actor, merchant_id, Action.MANAGE_STAFF)
    role = StaffRole(role)
    require_rank(actor, merchant, [role])
    email = normalise_email(email)
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is not None and _works_here(merchant, person):
        raise AlreadyStaff
    if (
        StaffInvitation.objects.filter(merchant=merchant, state=InvitationState.PENDING).count()
        >= MOST_PENDING
    ):
        raise TooManyInvitations
    language = language or (person.language if person else merchant.default_language)
    row = StaffInvitation(
        merchant=merchant,
        email=email,
        role=role,
        language=language if language in LANGUAGES else merchant.default_language,
        invited_by=actor,
        asked_at=now,
        expires_at=now + settings.KARVON_INVITATION_LIFETIME,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if constraint_of(error) != "invitation_one_pending_per_address":
            raise
        raise AlreadyInvited from None
    _ask_for_mail(row)
    return row


def _ask_for_mail(row: StaffInvitation) -> None:
    """The secret of the mail to come is the only one that opens the door from now on."""
    row.nonce, row.mails = new_token(), row.mails + 1
    row.secret_hash = hash_secret(derive_secret(row))
    row.save(update_fields=["nonce", "secret_hash", "mails", "asked_at", "expires_at"])
    publish(StaffInvited(invitation_id=row.pk, merchant_id=row.merchant_id))


def _works_here(merchant: Merchant, person: User) -> bool:
    return (
        merchant.owner_id == person.pk
        or MerchantStaff.objects.filter(merchant=merchant, user=person).exists()
    )


@transactional
def resend_invitation(
    *, actor: User | None, merchant_id: int, invitation_id: int, now: datetime | None = None
) -> StaffInvitation:
    """Another mail with another link and its full time; the link before is dead at once.

    Raises InvitationNotFound (also once it is accepted or withdrawn), RateLimited and what `invite_staff` raises.
    """
    now = now or clock_now()
    row = _lock_own(actor, merchant_id, invitation_id)
    if now - row.asked_at < BETWEEN_MAILS:
        raise RateLimited(retry_after=int((BETWEEN_MAILS - (now - row.asked_at)).total_seconds()) + 1)
    row.asked_at, row.expires_at = now, now + settings.KARVON_INVITATION_LIFETIME
    _ask_for_mail(row)
    return row


@transactional
def revoke_invitation(
    *, actor: User | None, merchant_id: int, invitation_id: int, now: datetime | None = None
) -> None:
    """Withdraws an offer; its link is dead at once. Raises as `resend_invitation`."""
    row = _lock_own(actor, merchant_id, invitation_id)
    _close(row, InvitationState.REVOKED, now or clock_now())


def _lock_own(actor: User | None, merchant_id: int, invitation_id: int) -> StaffInvitation:
    merchant = require(actor, merchant_id, Action.MANAGE_STAFF)
    pending = StaffInvitation.objects.select_for_update().filter(state=InvitationState.PENDING)
    row = pending.filter(merchant=merchant_id, pk=invitation_id).first()
    if row is None:
        raise InvitationNotFound
    require_rank(actor, merchant, [row.role])
    return row


def _close(row: StaffInvitation, state: InvitationState, now: datetime) -> None:
    row.state, row.closed_at, row.secret_hash = state, now, None
    row.save(update_fields=["state", "closed_at", "secret_hash", "accepted_by"])


def make_invitation_link(invitation_id: int) -> str | None:
    """The link of an invitation as its newest mail has it, for whoever hands that mail over. None for a closed offer.

    The address is the configured one; which host name a request came by has no part in it.
    """
    row = StaffInvitation.objects.filter(pk=invitation_id, state=InvitationState.PENDING).first()
    if row is None:
        return None
    address: str = settings.KARVON_INVITATION_URL
    return address.replace("{token}", derive_secret(row))


@transactional
def accept_invitation(*, person: User, secret: str, now: datetime | None = None) -> MerchantStaff:
    """Takes the place with an account that is there: whoever read the mail may use any of theirs. Once.

    Raises InvitationNotValid, MerchantNotActive, AlreadyStaff; then the invitation stays as it was.
    """
    row = find_offer(secret, now=now, lock=True)
    staff = add_staff(actor=None, merchant_id=row.merchant_id, person=person, role=row.role)
    row.accepted_by = person
    _close(row, InvitationState.ACCEPTED, now or clock_now())
    return staff


@transactional
def register_with_invitation(
    *, secret: str, registration: Registration, now: datetime | None = None
) -> MerchantStaff:
    """Opens an account with the invitation's address, which the link proves, and takes the place.

    Raises ValidationFailed (also when the address has an account: log in and accept) and as `accept_invitation`.
    """
    row = find_offer(secret, now=now, lock=True)
    person = register_user(registration=replace(registration, email=row.email))
    confirm_email(user=person)
    return accept_invitation(person=person, secret=secret, now=now)
