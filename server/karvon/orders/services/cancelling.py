"""Calling off whole orders and single lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from karvon.inventory.services import return_stock
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import InvalidTransition, PermissionRefused
from karvon.kernel.events import publish
from karvon.orders.errors import NothingToCancel, OrderNotFound, TooLateToCancel
from karvon.orders.events import AmountsChanged
from karvon.orders.locks import lock_lines, lock_order
from karvon.orders.models import Fulfilment, Order, OrderEvent, OrderLine, OrderState
from karvon.orders.sales import sale_of_part
from karvon.orders.services.settling import publish_called_off
from karvon.orders.services.stepping import Acting, acting_on, business_of, derive_order, take_steps
from karvon.orders.states import CALLED_OFF, CUSTOMER, HANDED_OVER, TERMINAL
from karvon.orders.timeline import note_steps

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def cancel_order(
    *,
    order_id: int,
    actor: User | None,
    reason: str = "",
    is_holder: bool = False,
    now: datetime | None = None,
) -> Order:
    """Call off what goes on of the caller's business: a customer the whole order, while no part is being prepared; a
    merchant its own parts; operators and the system all of them. Stock comes back once. An order that was not paid yet is
    called off whole by whomever. `is_holder`: the caller has shown the order's token and acts as its customer.

    Raises OrderNotFound for strangers, InvalidTransition (409) when it is too late or already done, PermissionRefused.
    """
    order, parts = lock_order(order_id)
    if is_holder:
        mine, acting = parts, Acting(actor, CUSTOMER)
    else:
        is_customer = actor is not None and not actor.is_operator and order.customer_id == actor.pk
        mine = parts if is_customer else business_of(actor, parts)
        if not mine:
            raise OrderNotFound
        acting = acting_on(order, mine, actor, OrderState.CANCELLED)
    going = [part for part in mine if part.state not in TERMINAL]
    is_too_late = acting.role == CUSTOMER and any(part.state in HANDED_OVER for part in parts)
    if not going or is_too_late:
        raise InvalidTransition
    take_steps(
        order, parts, going, to=OrderState.CANCELLED, acting=acting, reason=reason, now=now or clock.now()
    )
    return order


@transactional
def withdraw_order(
    *, order_id: int, actor: User | None, reason: str = "", now: datetime | None = None
) -> Order:
    """A customer takes a whole order back before the shop has begun with any part of it. The caller has made sure that
    it is the customer's own. Raises OrderNotFound, TooLateToCancel (409), InvalidTransition when it is over.
    """
    try:
        return cancel_order(order_id=order_id, actor=actor, reason=reason, is_holder=True, now=now)
    except PermissionRefused:
        raise TooLateToCancel from None


@transactional
def cancel_lines(
    *,
    fulfilment_id: int,
    quantities: Mapping[int, int],
    actor: User | None,
    reason: str = "",
    now: datetime | None = None,
) -> Order:
    """Take single units off a confirmed part: {order line id: units}. Stock comes back once. The agreed amounts stay as
    they were agreed; what is still owed follows from `cancelled_quantity` (`orders.dues`).

    Calling off the last unit calls off the part. Raises OrderNotFound, NothingToCancel, InvalidTransition.
    """
    now = now or clock.now()
    found = Fulfilment.objects.filter(pk=fulfilment_id).values_list("order_id", flat=True).first()
    if found is None:
        raise OrderNotFound
    order, parts = lock_order(found)
    part = next(each for each in parts if each.pk == fulfilment_id)
    acting = acting_on(order, [part], actor, OrderState.REJECTED)
    if part.state in TERMINAL or part.state == OrderState.PENDING:
        raise InvalidTransition
    lines = lock_lines(order, part)
    _check(lines, quantities)
    if all(line.quantity - line.cancelled_quantity == quantities.get(pk, 0) for pk, line in lines.items()):
        take_steps(order, parts, [part], to=OrderState.CANCELLED, acting=acting, reason=reason, now=now)
        return order
    before = sale_of_part(part, lines.values(), order.currency)
    _take_off(order, part, lines, quantities, actor=actor, reason=reason)
    publish_called_off(order, part, before, sale_of_part(part, lines.values(), order.currency), now=now)
    note_steps(
        OrderEvent(
            order=order, fulfilment=part, kind="partial_cancel", actor=actor, actor_role=acting.role, reason=reason[:500],
            data={str(pk): count for pk, count in sorted(quantities.items())}, at=now,
        )
    )  # fmt: skip
    derive_order(order, parts)
    publish(AmountsChanged(order.pk))
    return order


def _check(lines: Mapping[int, OrderLine], quantities: Mapping[int, int]) -> None:
    for pk, count in quantities.items():
        line = lines.get(pk)
        if line is None:
            raise OrderNotFound
        if not 0 < count <= line.quantity - line.cancelled_quantity:
            raise NothingToCancel(details={str(pk): [str(line.quantity - line.cancelled_quantity)]})


def _take_off(
    order: Order,
    part: Fulfilment,
    lines: Mapping[int, OrderLine],
    quantities: Mapping[int, int],
    *,
    actor: User | None,
    reason: str,
) -> None:
    back: dict[tuple[int, int], int] = {}
    for pk, count in sorted(quantities.items()):
        line = lines[pk]
        line.cancelled_quantity += count
        line.save(update_fields=["cancelled_quantity"])
        if line.tracks_stock and line.variant_id is not None:
            key = (line.variant_id, part.branch_id)
            back[key] = back.get(key, 0) + count
    if back and part.state not in CALLED_OFF:
        return_stock(order.pk, back, reason=reason or "partly cancelled", actor=actor)
