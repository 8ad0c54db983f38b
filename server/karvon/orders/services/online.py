"""Online payments as far as the shop itself knows them: no provider is connected, and it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from karvon.orders.errors import NotPayable, PaymentProviderUnavailable, SignatureInvalid
from karvon.orders.models import PaymentState
from karvon.orders.selectors import get_placed_order

if TYPE_CHECKING:
    from karvon.accounts.models import User


def begin_payment(*, order_id: int, payer: User) -> NoReturn:
    """Ask a provider to take the money for an order of the payer's.

    Raises OrderNotFound for anybody else's order, NotPayable (409) for one that waits for no payment, and then
    PaymentProviderUnavailable (503).
    """
    order = get_placed_order(order_id, payer)
    if order.payment_state != PaymentState.PENDING:
        raise NotPayable
    raise PaymentProviderUnavailable


def confirm_by_signature(*, field: str) -> NoReturn:
    """A payment that somebody says was made. Without a provider there is no secret that could have signed it.

    Raises SignatureInvalid (400), which names the `field` of the signature.
    """
    raise SignatureInvalid(details={field: [SignatureInvalid.message]})
