"""Checkout: from a cart to an order.

PREPARE is one transaction: the cart is priced anew, compared with what the customer agreed to, its goods are taken,
and the order is written with its events. Payment follows outside of any transaction; FINALIZE is `paying.confirm_payment`. However often a cart's
version arrives, the unique `cart_key` lets it become one order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.carts import services as carts
from karvon.carts.errors import CouponRefused
from karvon.carts.grouping import find_branch
from karvon.carts.lines import CartSnapshot
from karvon.carts.offers import Offer, load_shelf
from karvon.carts.owner import CartOwner
from karvon.carts.quoting import CartQuote
from karvon.inventory.demand import Demand
from karvon.inventory.services import take_stock
from karvon.inventory.window import refresh_stock
from karvon.kernel import clock
from karvon.kernel.db import constraint_of, run_isolated
from karvon.kernel.errors import DependencyDown, LockTimeout, ValidationFailed
from karvon.kernel.events import publish
from karvon.kernel.ids import new_public_id
from karvon.kernel.money import money_json
from karvon.merchants.errors import BranchNotFound
from karvon.orders.errors import (
    BelowMinimumOrder,
    CartAlreadyOrdered,
    CartIsEmpty,
    LinesUnavailable,
    PriceChanged,
)
from karvon.orders.events import OrderConfirmed, OrderPlaced
from karvon.orders.locks import hold_shops_open
from karvon.orders.models import DeliveryType, Order, list_payment_methods
from karvon.orders.models.order import PAID_ON_DELIVERY
from karvon.orders.services.reviving import time_to_pay
from karvon.orders.services.settling import settled_events
from karvon.orders.services.writing import OrderDraft, write_order
from karvon.promotions.reasons import tell_reason
from karvon.promotions.services import use_promotions

if TYPE_CHECKING:
    from karvon.accounts.models import User

ATTEMPTS = 5
FARTHEST = timedelta(days=30)  # how long beforehand an order may be placed
# constraints over what is picked at random: the number of a part, and number and id of the order
PICKED = ("fulfilment_number", "orders_order_number", "orders_order_pkey")


class _NumberTaken(Exception):
    """Another order has this number or id; the next attempt picks others."""


@dataclass(frozen=True)
class PlaceOrder:
    """What a customer asks for at checkout. `expected_total` is the total that was shown; None skips the comparison.

    `branch_id` binds its merchant to that branch; `promo_code` takes the place of the cart's coupon; `scheduled_for` is
    when it is wanted, None as soon as possible.
    """

    owner: CartOwner
    customer: User | None
    payment_method: str
    delivery_type: str
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    delivery_address: Mapping[str, Any] = field(default_factory=dict)
    branch_id: int | None = None
    note: str = ""
    promo_code: str = ""
    scheduled_for: datetime | None = None
    confirmation_method: str = ""
    expected_total: Decimal | None = None
    language: str = "en"
    channel: str = "v1"

    @property
    def customer_key(self) -> str:
        """How coupons count this customer's uses."""
        if self.customer is not None:
            return f"user:{self.customer.pk}"
        return f"phone:{self.contact_phone}" if self.contact_phone else f"email:{self.contact_email}"


@dataclass(frozen=True)
class PlacedOrder:
    """The new order and the cart it was made from."""

    order: Order
    snapshot: CartSnapshot


def place_order(*, command: PlaceOrder, now: datetime | None = None) -> PlacedOrder:
    """Make an order of the caller's cart.

    Raises CartNotFound, CartIsEmpty, LinesUnavailable, BelowMinimumOrder, PriceChanged (with the new totals), OutOfStock,
    CouponExhausted, CouponUsedUp, CartAlreadyOrdered (all 409 with details), ValidationFailed, CouponRefused; then
    nothing was changed, and a transaction that was open already may go on.
    """
    now = now or clock.now()
    _check_command(command, now)
    snapshot = carts.snapshot(command.owner)
    if command.promo_code:
        snapshot = replace(snapshot, coupon=command.promo_code)
    if not snapshot.lines:
        raise CartIsEmpty
    placed = _prepare_afresh(command, snapshot, now)
    transaction.on_commit(lambda: _forget(snapshot))
    return PlacedOrder(placed, snapshot)


def place_order_of(*, command: PlaceOrder, snapshot: CartSnapshot, now: datetime | None = None) -> Order:
    """As `place_order`, of a cart that nobody keeps (`carts.assemble_cart`); needs no Redis."""
    now = now or clock.now()
    _check_command(command, now)
    return _prepare_afresh(command, snapshot, now)


def _forget(snapshot: CartSnapshot) -> None:
    # without Redis the cart stays a while, but this version of it cannot be ordered again
    with contextlib.suppress(DependencyDown):
        carts.forget(snapshot.cart_id, snapshot.version, snapshot.lines)


def _check_command(command: PlaceOrder, now: datetime) -> None:
    details: dict[str, list[str]] = {}
    if command.payment_method not in dict(list_payment_methods()):
        details["payment_method"] = [_("Not one of the choices.")]
    if command.delivery_type not in DeliveryType.values:
        details["delivery_type"] = [_("Not one of the choices.")]
    if command.delivery_type == DeliveryType.DELIVERY and not command.delivery_address:
        details["delivery_address"] = [_("An address is needed for delivery.")]
    if command.scheduled_for is not None and not now <= command.scheduled_for <= now + FARTHEST:
        details["scheduled_for"] = [_("Choose a time in the next %(days)d days.") % {"days": FARTHEST.days}]
    if command.customer is None:
        if not command.contact_name:
            details["contact.name"] = [_("A name is needed.")]
        if not command.contact_phone:
            details["contact.phone"] = [_("A phone number is needed.")]
    if details:
        raise ValidationFailed(details=details)


def _prepare_afresh(command: PlaceOrder, snapshot: CartSnapshot, now: datetime) -> Order:
    """PREPARE, again with other numbers as long as they turn out to be taken. Whatever is refused leaves no trace, also in
    a transaction that goes on afterwards (an idempotency key's).
    """
    for _attempt in range(ATTEMPTS):
        with contextlib.suppress(_NumberTaken):
            return run_isolated(lambda: _prepare(command, snapshot, now))
    raise LockTimeout


def _prepare(command: PlaceOrder, snapshot: CartSnapshot, now: datetime) -> Order:
    if snapshot.version != carts.NOT_KEPT:
        carts.forget_checkpoint(snapshot.cart_id, snapshot.version)
    hold_shops_open(snapshot.variant_ids)
    shelf = load_shelf(
        snapshot.variant_ids,
        snapshot.modifier_ids,
        language=command.language,
        code=snapshot.coupon,
        customer_key=command.customer_key,
        now=now,
    )
    _check_branch(command.branch_id, shelf.offers.values())
    quote = carts.price_snapshot(
        snapshot,
        shelf.offers,
        rules=shelf.rules,
        delivery_type=command.delivery_type,
        branch_id=command.branch_id,
    )
    _check_quote(quote, command)
    # what costs nothing waits for no payment
    is_confirmed = command.payment_method in PAID_ON_DELIVERY or not quote.priced.total
    draft = OrderDraft(
        order_id=new_public_id(),
        command=command,
        cart_key=snapshot.key,
        quote=quote,
        coupon=quote.priced.coupon.code if quote.priced.coupon else "",
        now=now,
        is_confirmed=is_confirmed,
        deadline=None if is_confirmed else now + time_to_pay(command.payment_method),
    )
    order = _write(draft)
    change = take_stock(
        order_id=order.pk, demands=_demands(quote), commit=draft.is_confirmed, refresh_window=False
    )
    use_promotions(
        order_id=order.pk,
        customer_key=command.customer_key,
        uses=[
            (each.promotion_id, each.amount)
            for each in quote.priced.discounts
            if each.promotion_id is not None
        ],
    )
    refresh_stock(change.product_ids)
    publish(
        OrderPlaced(order_id=order.pk),
        *([OrderConfirmed(order_id=order.pk)] if draft.is_confirmed else []),
        *settled_events(order, order.fulfilments.all(), order.lines.all()),
    )
    return order


def _check_branch(branch_id: int | None, offers: Iterable[Offer]) -> None:
    """The branch that was asked for must be one of a merchant in the cart. Raises BranchNotFound."""
    if branch_id is not None and all(find_branch(offer, branch_id) is None for offer in offers):
        raise BranchNotFound


def _write(draft: OrderDraft) -> Order:
    try:
        return write_order(draft)
    except IntegrityError as error:
        constraint = constraint_of(error)
        if "cart_key" in constraint:
            raise CartAlreadyOrdered from error
        if constraint.startswith(PICKED):
            raise _NumberTaken from error
        raise


def _check_quote(quote: CartQuote, command: PlaceOrder) -> None:
    if not quote.is_orderable:
        raise LinesUnavailable(details={str(pk): [problem] for pk, problem in quote.problems.items()})
    too_small = [group for group in quote.groups if not group.is_minimum_reached]
    if too_small:
        raise BelowMinimumOrder(
            details={group.merchant_username: [money_json(group.branch.minimum_order)] for group in too_small}
        )
    _check_promotion(quote, command.promo_code)
    total = quote.priced.total
    if command.expected_total is not None and command.expected_total != total:
        raise PriceChanged(
            details={
                "subtotal": [money_json(quote.priced.subtotal)],
                "discount": [money_json(quote.priced.discount)],
                "delivery_fee": [money_json(quote.priced.delivery_fee)],
                "total": [money_json(total)],
            }
        )


def _check_promotion(quote: CartQuote, code: str) -> None:
    """A promotion that was asked for by name is not passed over in silence. Raises CouponRefused."""
    outcome = quote.priced.coupon
    if not code or (outcome and outcome.is_applied):
        return
    reason = (outcome and outcome.reason) or "coupon_not_found"
    missing = outcome.missing if outcome else None
    message = tell_reason(reason, missing=missing, currency=quote.currency or "")
    raise CouponRefused(message, code=reason, details={"promo_code": [message]})


def _demands(quote: CartQuote) -> list[Demand]:
    return [
        Demand(line.line.variant_id, line.branch.branch_id, line.line.quantity)
        for line in quote.lines
        if line.offer is not None and line.offer.tracks_stock and line.branch is not None
    ]
