"""Suspending, closing and reopening a merchant. What a state allows is for `policies` and `visible_to`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karvon.kernel.db import transactional
from karvon.kernel.errors import InvalidTransition
from karvon.kernel.events import publish
from karvon.merchants.errors import MerchantNotFound, RoleNotSufficient
from karvon.merchants.events import MerchantChanged
from karvon.merchants.models import Merchant, MerchantState
from karvon.merchants.policies import Action, require

if TYPE_CHECKING:
    from karvon.accounts.models import User

# to → from: a table this small needs no machine
MAY_BECOME = {
    MerchantState.SUSPENDED: frozenset({MerchantState.ACTIVE}),
    MerchantState.ACTIVE: frozenset({MerchantState.SUSPENDED, MerchantState.CLOSED}),
    MerchantState.CLOSED: frozenset({MerchantState.ACTIVE, MerchantState.SUSPENDED}),
}


def _change_state(merchant_id: int, to: MerchantState) -> Merchant:
    """Under the row lock; already there is no news. Raises InvalidTransition."""
    merchant = Merchant.objects.select_for_update(no_key=True).filter(pk=merchant_id).first()
    if merchant is None:
        raise MerchantNotFound
    if merchant.state == to:
        return merchant
    if merchant.state not in MAY_BECOME[to]:
        raise InvalidTransition
    merchant.state = to
    merchant.save(update_fields=["state", "updated_at"])
    publish(MerchantChanged(merchant_id=merchant.pk))
    return merchant


def _require_operator(actor: User | None, merchant_id: int) -> None:
    # strangers get the 404, people of the merchant the 403
    require(actor, merchant_id, Action.VIEW_ORDERS)
    if actor is not None and not actor.is_operator:
        raise RoleNotSufficient


@transactional
def suspend_merchant(*, actor: User | None, merchant_id: int) -> Merchant:
    """Takes a shop out of the windows and stops its writes. Operators only. Raises InvalidTransition."""
    _require_operator(actor, merchant_id)
    return _change_state(merchant_id, MerchantState.SUSPENDED)


@transactional
def activate_merchant(*, actor: User | None, merchant_id: int) -> Merchant:
    """Brings a suspended or closed shop back. Operators only."""
    _require_operator(actor, merchant_id)
    return _change_state(merchant_id, MerchantState.ACTIVE)


@transactional
def close_merchant(*, actor: User | None, merchant_id: int) -> Merchant:
    """The owner gives up; orders and books stay. A suspended shop is closed by operators only."""
    require(actor, merchant_id, Action.MANAGE_MERCHANT)
    return _change_state(merchant_id, MerchantState.CLOSED)
