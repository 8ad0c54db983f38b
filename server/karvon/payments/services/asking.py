"""Providers are asked how a payment stands: after a message that says too little, after a customer came back, by whoever
looks after what is open.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from karvon.kernel import clock
from karvon.payments.accounts import account_of_payment
from karvon.payments.amounts import show
from karvon.payments.booking.differences import note_difference
from karvon.payments.booking.facts import apply_facts
from karvon.payments.errors import AmountMismatch, PaymentNotFound, SignatureInvalid
from karvon.payments.models import DifferenceKind, Payment
from karvon.payments.models.payment import RECEIVED
from karvon.payments.outside import asking
from karvon.payments.registry import find_provider

if TYPE_CHECKING:
    from karvon.accounts.models import User

log = structlog.get_logger(__name__)


def ask_provider(*, payment_id: int, charge_reference: str = "", now: datetime | None = None) -> Payment:
    """Ask the provider how a payment stands, let it take money that waits for our word, and apply what it says; the payment
    as it is then. `charge_reference`: a charge that somebody says is of this payment. Amounts that do not fit are noted for
    a person and change nothing.

    Raises PaymentNotFound, ProviderUnavailable, ProviderRefused, LockTimeout.
    """
    payment = Payment.objects.select_related("account").filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound
    way = find_provider(payment.provider)
    if not way.capabilities.can_fetch or not payment.reference:
        return payment
    account = account_of_payment(payment)
    with asking(way):
        facts = way.fetch(
            account,
            reference=payment.reference,
            charge_reference=charge_reference or payment.charge_reference,
            payment_id=payment.pk,
        )
    try:
        apply_facts(way.slug, payment.account_id, facts, now=now or clock.now())
    except AmountMismatch as error:
        log.error("provider_answer_does_not_fit", provider=way.slug, payment=payment.pk)
        note_difference(
            payment,
            DifferenceKind.AMOUNT,
            reference=payment.reference,
            ours=show(payment.amount, payment.currency),
            theirs=error.code,
        )
    payment.refresh_from_db()
    return payment


def confirm_return(
    *,
    provider: str,
    reference: str,
    charge_reference: str,
    signature: str,
    payer: User,
    now: datetime | None = None,
) -> Payment:
    """A customer's browser brings what the provider's widget has signed: when the signature is right the provider is asked,
    and the payment is returned as it is then. The same again asks for nothing more.

    Raises SignatureInvalid (400), PaymentNotFound for somebody else's payment, ProviderUnavailable, ProviderRefused.
    """
    way = find_provider(provider)
    known = Payment.objects.select_related("account").filter(provider=provider, reference=reference)
    # nobody signs here for what was never begun; and only who has a right signature learns that it is somebody else's
    payment = (known.filter(order__customer=payer).first() or known.first()) if reference else None
    if payment is None:
        raise SignatureInvalid
    try:
        way.verify_return(
            account_of_payment(payment),
            reference=payment.reference,
            charge_reference=charge_reference,
            signature=signature,
        )
    except SignatureInvalid:
        log.warning("provider_return_forged", provider=provider, payment=payment.pk)
        raise
    if payment.order.customer_id != payer.pk:
        raise PaymentNotFound
    if payment.state in RECEIVED and payment.charge_reference == charge_reference:
        return payment
    return ask_provider(payment_id=payment.pk, charge_reference=charge_reference, now=now)
