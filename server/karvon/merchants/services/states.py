"""Suspending, closing, reopening and deleting a merchant. What a state allows is for `policies` and `visible_to`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.merchants.errors import MerchantNotFound, RoleNotSufficient
from karvon.merchants.events import MerchantChanged, MerchantStateChanged
from karvon.merchants.locks import own_trading
from karvon.merchants.models import Merchant, MerchantState, StepSubject
from karvon.merchants.policies import Action, require
from karvon.merchants.services.steps import lock_merchant, take_step

if TYPE_CHECKING:
    from karvon.accounts.models import User


def _change_state(merchant_id: int, to: MerchantState, *, actor: User | None, reason: str) -> Merchant:
    """Alone with the shop's trade and under its row lock; already there is no news. Raises InvalidTransition."""
    own_trading(merchant_id)
    merchant = lock_merchant(merchant_id)
    if merchant.state == to:
        return merchant
    if merchant.state == MerchantState.DELETED:
        raise MerchantNotFound
    step = take_step(merchant, StepSubject.STATE, to, actor=actor, note=reason)
    publish(
        MerchantChanged(merchant_id=merchant.pk),
        MerchantStateChanged(
            merchant_id=merchant.pk, step_id=step.pk, from_state=step.from_state, to_state=to
        ),
    )
    return merchant


def require_operator(actor: User | None, merchant_id: int) -> None:
    """Strangers get the 404, people of the merchant the 403."""
    require(actor, merchant_id, Action.VIEW_ORDERS)
    if actor is not None and not actor.is_operator:
        raise RoleNotSufficient


@transactional
def suspend_merchant(*, actor: User | None, merchant_id: int, reason: str = "") -> Merchant:
    """Takes a shop out of the windows, stops its writes and its new orders; running orders go on.

    Operators only. Raises InvalidTransition.
    """
    require_operator(actor, merchant_id)
    return _change_state(merchant_id, MerchantState.SUSPENDED, actor=actor, reason=reason)


@transactional
def activate_merchant(*, actor: User | None, merchant_id: int, reason: str = "") -> Merchant:
    """Brings a suspended or closed shop back. Operators only."""
    require_operator(actor, merchant_id)
    return _change_state(merchant_id, MerchantState.ACTIVE, actor=actor, reason=reason)


@transactional
def close_merchant(*, actor: User | None, merchant_id: int, reason: str = "") -> Merchant:
    """The owner gives up; orders and books stay. A suspended shop is closed by operators only."""
    require(actor, merchant_id, Action.MANAGE_MERCHANT)
    return _change_state(merchant_id, MerchantState.CLOSED, actor=actor, reason=reason)


@transactional
def delete_merchant(*, actor: User | None, merchant_id: int, reason: str = "") -> Merchant:
    """Takes a shop away for good: out of windows and lists, its username stays taken, its rows, orders and books stay.

    Operators only. Deleting again changes nothing.
    """
    require_operator(actor, merchant_id)
    return _change_state(merchant_id, MerchantState.DELETED, actor=actor, reason=reason)
