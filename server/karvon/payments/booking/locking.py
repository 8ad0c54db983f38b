"""Finding and locking payments."""

from __future__ import annotations

from dataclasses import dataclass

from karvon.kernel.rows import Rows
from karvon.orders.locks import lock_order, lock_unexpired
from karvon.orders.models import Fulfilment, Order
from karvon.orders.services import hold_sellers_open
from karvon.payments.errors import PaymentNotFound
from karvon.payments.models import Payment

_NAMED = Rows(
    Payment,
    "WHERE provider = %s AND account_id IS NOT DISTINCT FROM %s AND "
    "((%s <> '' AND charge_reference = %s) OR (%s <> '' AND reference = %s) OR id = %s) ORDER BY id",
)
_WANTED = "(id = %s OR (%s <> '' AND provider = %s AND account_id IS NOT DISTINCT FROM %s AND charge_reference = %s))"
# of an order that has expired none: its sellers are held first
_IS_UNEXPIRED = "(SELECT payment_state <> 'expired' FROM orders_order AS paid WHERE paid.id = %s)"
_LOCKED = Rows(Payment, f"WHERE {_WANTED} ORDER BY id FOR UPDATE")
_LOCKED_UNEXPIRED = Rows(Payment, f"WHERE {_IS_UNEXPIRED} AND {_WANTED} ORDER BY id FOR UPDATE")


@dataclass
class LockedPayment:
    """A payment and the order that it is for, all locked until the transaction ends; `charged` is the payment, perhaps another
    one, that has the asked charge.
    """

    payment: Payment
    order: Order
    parts: list[Fulfilment]
    charged: Payment | None = None


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
    names = {"charge_reference": charge_reference, "reference": reference, "pk": payment_id}
    asked = {name: value for name, value in names.items() if value not in ("", None)}
    if not asked:
        raise PaymentNotFound
    found = _NAMED.all(
        provider, account_id, charge_reference, charge_reference, reference, reference, payment_id
    )
    for name, value in asked.items():
        match = next((row for row in found if getattr(row, name) == value), None)
        if match is None:
            continue
        if name == "reference" and payment_id not in (None, match.pk):
            raise PaymentNotFound
        return match
    raise PaymentNotFound


def lock_payment(payment: Payment, *, may_revive: bool = False, charge_reference: str = "") -> LockedPayment:
    """Lock the payment's order, then the payment, and read both anew; with it, whichever payment of the account has this
    charge already. With `may_revive` an expired order's sellers are held first.
    """
    # whoever books the same charge at the same time waits for the order's lock and then sees it here
    wanted = [payment.pk, charge_reference, payment.provider, payment.account_id, charge_reference]
    running = may_revive and lock_unexpired(
        payment.order_id, (_LOCKED_UNEXPIRED, [payment.order_id, *wanted])
    )
    if running:
        order, parts, found = running
    else:
        if may_revive:
            hold_sellers_open(payment.order_id)
        order, parts = lock_order(payment.order_id)
        found = _LOCKED.all(*wanted)
    rows = {row.pk: row for row in found}
    known = (row for row in found if charge_reference and row.charge_reference == charge_reference)
    return LockedPayment(rows[payment.pk], order, parts, next(known, None))
