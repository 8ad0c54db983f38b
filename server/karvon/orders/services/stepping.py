"""Steps along the state machines: the one place where a fulfilment's state is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from karvon.inventory.services import commit_reservations, release_reservations, return_stock
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused
from karvon.kernel.events import DomainEvent, publish
from karvon.kernel.rows import write_rows
from karvon.merchants import policies
from karvon.merchants.selectors import OWNER, merchant_ids_of, role_of
from karvon.orders.errors import OrderNotFound
from karvon.orders.events import FulfilmentChanged, OrderCancelled, OrderConfirmed
from karvon.orders.locks import lock_order
from karvon.orders.models import Fulfilment, Order, OrderEvent, OrderLine, OrderState
from karvon.orders.sales import Sale
from karvon.orders.services.settling import (
    SETTLED,
    book_payment,
    derive_payment_state,
    publish_called_off,
    read_dues,
    read_sale,
)
from karvon.orders.states import (
    CALLED_OFF,
    CUSTOMER,
    MACHINES,
    MERCHANT,
    STAFF,
    SYSTEM,
    UNDONE,
    derive_state,
)
from karvon.orders.timeline import note_steps
from karvon.promotions.services import release_promotions

if TYPE_CHECKING:
    from karvon.accounts.models import User


# of an order, by whatever changes its state
WRITTEN = (
    "state", "payment_state", "payment_deadline", "confirmed_at", "payment_method", "is_paid_to_merchant",
)  # fmt: skip


@dataclass(frozen=True)
class Acting:
    """Who takes a step: the person (None is the system) and in which part."""

    user: User | None
    role: str


@transactional
def transition_fulfilment(
    *, fulfilment_id: int, to: str, actor: User | None, reason: str = "", now: datetime | None = None
) -> Order:
    """Take one part of an order to another state.

    Raises OrderNotFound for strangers, InvalidTransition (409), PermissionRefused.
    """
    found = Fulfilment.objects.filter(pk=fulfilment_id).values_list("order_id", flat=True).first()
    if found is None:
        raise OrderNotFound
    order, parts = lock_order(found)
    part = next(each for each in parts if each.pk == fulfilment_id)
    acting = acting_on(order, [part], actor, to)
    take_steps(order, parts, [part], to=to, acting=acting, reason=reason, now=now or clock.now())
    return order


@transactional
def advance_order(
    *,
    order_id: int,
    to: str,
    actor: User | None,
    merchant_id: int | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> Order:
    """Take every part that is the actor's business to another state: all parts for operators, its own for a merchant;
    with `merchant_id`, of these only that one's.

    Raises as `transition_fulfilment`; PermissionRefused for the order's customer.
    """
    order, parts = lock_order(order_id)
    mine = [part for part in business_of(actor, parts) if merchant_id in (None, part.merchant_id)]
    if not mine:
        raise PermissionRefused if actor and order.customer_id == actor.pk else OrderNotFound
    going = [part for part in mine if part.state not in CALLED_OFF] or mine
    acting = acting_on(order, going, actor, to)
    take_steps(order, parts, going, to=to, acting=acting, reason=reason, now=now or clock.now())
    return order


def business_of(actor: User | None, parts: Sequence[Fulfilment]) -> list[Fulfilment]:
    """The parts that somebody hands over: all for operators and the system, those of a merchant for its people."""
    if actor is None or actor.is_operator:
        return list(parts)
    merchants = merchant_ids_of(actor)
    return [part for part in parts if part.merchant_id in merchants]


def acting_on(order: Order, parts: Sequence[Fulfilment], actor: User | None, to: str) -> Acting:
    """In which part somebody acts. Raises OrderNotFound for strangers, PermissionRefused for the wrong job."""
    if actor is None:
        return Acting(None, SYSTEM)
    if actor.is_operator:
        return Acting(actor, STAFF)
    if order.customer_id == actor.pk and to == OrderState.CANCELLED:
        return Acting(actor, CUSTOMER)
    action = policies.Action.CANCEL_ORDERS if to in CALLED_OFF else policies.Action.ADVANCE_ORDERS
    for merchant_id in sorted({part.merchant_id for part in parts}):
        # not `policies.require`: running orders go on while a merchant is suspended
        role = role_of(actor, merchant_id)
        if role is None:
            raise OrderNotFound
        if role != OWNER and role not in policies.ALLOWED[action]:
            raise PermissionRefused
    return Acting(actor, MERCHANT)


def take_steps(
    order: Order,
    parts: Sequence[Fulfilment],
    stepping: Sequence[Fulfilment],
    *,
    to: str,
    acting: Acting,
    reason: str,
    now: datetime,
) -> None:
    """Check against the tables, write, sell or give back stock, derive the order's state, tell everybody."""
    was_pending = order.state == OrderState.PENDING
    if was_pending:
        # its parts share one payment: they are confirmed by it, or called off together
        stepping = [part for part in parts if part.state not in CALLED_OFF]
    for part in stepping:
        MACHINES[part.flow].check(part.state, to, acting.role)  # type: ignore[index]
    sales = {part.pk: read_sale(order, part) for part in stepping if to in UNDONE and part.settled_at}
    if to == OrderState.DELIVERED:
        # cash and cards change hands at the door
        book_payment(order, stepping, read_dues(order, parts), now=now)
    events: list[DomainEvent] = _step(order, stepping, to=to, acting=acting, reason=reason, now=now)
    if to == OrderState.CONFIRMED:
        commit_reservations(order.pk)
        order.confirmed_at = now
        events.append(OrderConfirmed(order.pk))
    if to in UNDONE:
        give_back(order, stepping, acting=acting, reason=reason, is_reserved=was_pending)
        for part in stepping:
            publish_called_off(order, part, sales.get(part.pk, Sale()), Sale(), now=now)
    if derive_order(order, parts, stepped=stepping):
        events.append(OrderCancelled(order.pk))
    publish(*events)


def _step(
    order: Order, parts: Sequence[Fulfilment], *, to: str, acting: Acting, reason: str, now: datetime
) -> list[DomainEvent]:
    """Take the parts to their new state, with a timeline entry each; `derive_order` writes them."""
    rows = []
    events: list[DomainEvent] = []
    for part in parts:
        rows.append(
            OrderEvent(
                order=order, fulfilment=part, kind="state", from_state=part.state, to_state=to, actor=acting.user,
                actor_role=acting.role, reason=reason[:500], at=now,
            )
        )  # fmt: skip
        events.append(FulfilmentChanged(order.pk, part.pk, part.merchant_id, part.state, to))
        part.state = to
    note_steps(*rows)
    return events


def give_back(
    order: Order, parts: Sequence[Fulfilment], *, acting: Acting, reason: str, is_reserved: bool
) -> None:
    """Return what these parts still hold, once."""
    if is_reserved:
        # an unpaid order is called off whole: its parts share one payment
        release_reservations(order.pk)
        return
    quantities: dict[tuple[int, int], int] = {}
    branches = {part.pk: part.branch_id for part in parts}
    lines = (
        OrderLine.objects.select_for_update()
        .filter(fulfilment__in=branches, tracks_stock=True)
        .order_by("pk")
    )
    for line in lines:
        left = line.quantity - line.cancelled_quantity
        if line.variant_id is not None and left:
            key = (line.variant_id, branches[line.fulfilment_id])
            quantities[key] = quantities.get(key, 0) + left
    if quantities:
        return_stock(order.pk, quantities, reason=reason or "cancelled", actor=acting.user)


def derive_order(order: Order, parts: Sequence[Fulfilment], stepped: Sequence[Fulfilment] = ()) -> bool:
    """Bring the states of the order and of its payment in step; True when it has just been called off whole. Writes the
    order, and of the parts that have `stepped` their state and what was settled.
    """
    before = order.state
    order.state = derive_state([part.state for part in parts])
    order.payment_state = derive_payment_state(order, read_dues(order, parts))
    if order.state != OrderState.PENDING:
        order.payment_deadline = None
    is_called_off = order.state in CALLED_OFF and before not in CALLED_OFF
    if is_called_off:
        release_promotions(order.pk)
    write_rows(*((part, ("state", *SETTLED)) for part in stepped), (order, WRITTEN))
    return is_called_off
