"""Finding and locking payments."""

from __future__ import annotations

from dataclasses import dataclass

from karvon.kernel.errors import LockTimeout
from karvon.orders.locks import lock_order
from karvon.orders.models import Fulfilment, Order, PaymentState
from karvon.orders.services import hold_sellers_open
from karvon.payments.errors import PaymentNotFound
from karvon.payments.models import Payment


@dataclass
class LockedPayment:
    """A payment and the order that it is for, all locked until the transaction ends."""

    payment: Payment
    order: Order
    parts: list[Fulfilment]


def find_payment(
    provider: str,
    account_id: int | None,
    *,
    payment_id: int | None = None,
    reference: str = "",
    charge_reference: str = "",
) -> Payment:
    """A payment of this account by our id, the provider's name for it, or its charge. Raises PaymentNotFound, also for a
    payment of another account: nobody speaks for others. A name that we know is that payment's only; one that we do not
    know (a page that was made, and whose name never reached us) goes by our id.
    """
    mine = Payment.objects.filter(provider=provider, account=account_id)
    found = None
    if charge_reference:
        found = mine.filter(charge_reference=charge_reference).first()
    if found is None and reference:
        found = mine.filter(reference=reference).first()
        if found is not None and payment_id not in (None, found.pk):
            raise PaymentNotFound
    if found is None and payment_id is not None:
        found = mine.filter(pk=payment_id).first()
    if found is None:
        raise PaymentNotFound
    return found


def lock_payment(payment: Payment, *, may_revive: bool = False) -> LockedPayment:
    """Lock the payment's order, then the payment, and read both anew. With `may_revive` an expired order's sellers are held
    first. Raises LockTimeout when the order expired in between: the caller tries again.
    """
    is_expired = _is_expired(payment.order_id)
    if may_revive and is_expired:
        hold_sellers_open(payment.order_id)
    order, parts = lock_order(payment.order_id)
    if may_revive and not is_expired and order.payment_state == PaymentState.EXPIRED:
        raise LockTimeout
    return LockedPayment(Payment.objects.select_for_update().get(pk=payment.pk), order, parts)


def _is_expired(order_id: int) -> bool:
    return Order.objects.filter(pk=order_id, payment_state=PaymentState.EXPIRED).exists()
