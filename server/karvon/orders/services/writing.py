"""The rows of a new order: order, fulfilments, lines, discounts and the first timeline entry, one statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from karvon.carts.quoting import CartQuote, QuotedGroup, QuotedLine
from karvon.kernel import clock
from karvon.kernel.money import money_json
from karvon.kernel.rows import insert_rows
from karvon.orders.commissions import Selling, Terms, find_terms
from karvon.orders.errors import LinesUnavailable
from karvon.orders.models import (
    DeliveryType,
    Fulfilment,
    FulfilmentFlow,
    Order,
    OrderDiscount,
    OrderEvent,
    OrderLine,
    OrderState,
    PaymentState,
)
from karvon.orders.numbers import new_number
from karvon.promotions.models import Bearer

if TYPE_CHECKING:
    from karvon.orders.services.placing import PlaceOrder


@dataclass(frozen=True)
class OrderDraft:
    """All that an order's rows are made of."""

    order_id: int
    command: PlaceOrder
    cart_key: str
    quote: CartQuote
    coupon: str
    now: datetime
    is_confirmed: bool
    deadline: datetime | None

    @property
    def borne_by_platform(self) -> dict[str, Decimal]:
        """By the key of a line or group: what the platform's promotions took off it."""
        shares: dict[str, Decimal] = {}
        for discount in self.quote.priced.discounts:
            if discount.borne_by == Bearer.PLATFORM:
                for key, amount in (*discount.by_line, *discount.by_group):
                    shares[key] = shares.get(key, Decimal(0)) + amount
        return shares


def write_order(draft: OrderDraft) -> Order:
    """Insert the rows and return the order with `draft_lines` and `draft_fulfilments` at hand, so that showing it asks
    the database nothing. Raises IntegrityError when the cart has become an order already, or a number or id is taken.
    """
    order = _order(draft)
    borne = draft.borne_by_platform
    fulfilments = [
        _fulfilment(draft, order, group, borne.get(group.key, Decimal(0))) for group in draft.quote.groups
    ]
    insert_rows([order], fulfilments)
    by_key = {group.key: part for group, part in zip(draft.quote.groups, fulfilments, strict=True)}
    terms = _find_terms(draft)
    lines = [
        _line(order, by_key[line.group or ""], line, position, borne, terms[position])
        for position, line in enumerate(draft.quote.lines)
    ]
    discounts = [
        OrderDiscount(
            order=order,
            promotion_id=each.promotion_id,
            code=each.code or "",
            name=each.name,
            kind=each.kind,
            amount=each.amount,
            borne_by=each.borne_by,
        )
        for each in draft.quote.priced.discounts
    ]
    events = _first_events(draft, order)
    insert_rows(lines, discounts, events)
    order._prefetched_objects_cache = {  # type: ignore[attr-defined]
        "fulfilments": fulfilments,
        "lines": lines,
        "discounts": discounts,
        "events": events,
    }
    return order


def _order(draft: OrderDraft) -> Order:
    command, priced = draft.command, draft.quote.priced
    person = command.customer
    return Order(
        id=draft.order_id,
        number=f"{new_number(_day(draft, draft.quote.groups[0]))}{draft.order_id % 1000:03d}",
        customer=person,
        contact_name=command.contact_name or (person.full_name if person else ""),
        contact_phone=command.contact_phone or (person.phone or "" if person else ""),
        contact_email=command.contact_email or (person.email or "" if person else ""),
        state=OrderState.CONFIRMED if draft.is_confirmed else OrderState.PENDING,
        payment_method=command.payment_method,
        payment_state=PaymentState.PENDING if priced.total else PaymentState.PAID,
        delivery_type=command.delivery_type,
        delivery_address=dict(command.delivery_address),
        scheduled_for=command.scheduled_for,
        note=command.note,
        confirmation_method=command.confirmation_method,
        channel=command.channel,
        language=command.language,
        currency=draft.quote.currency or "",
        subtotal=priced.subtotal,
        discount=priced.discount,
        delivery_fee=priced.delivery_fee,
        tax=priced.tax,
        total=priced.total,
        coupon=draft.coupon,
        cart_key=draft.cart_key,
        placed_at=draft.now,
        confirmed_at=draft.now if draft.is_confirmed else None,
        payment_deadline=draft.deadline,
    )


def _find_terms(draft: OrderDraft) -> Sequence[Terms]:
    sellings = [
        Selling(line.offer.merchant_id, line.offer.category_path) if line.offer else Selling(0)
        for line in draft.quote.lines
    ]
    return find_terms(sellings, currency=draft.quote.currency or "", now=draft.now)


def _fulfilment(
    draft: OrderDraft, order: Order, group: QuotedGroup, platform_delivery: Decimal
) -> Fulfilment:
    is_food = any(line.offer is not None and line.offer.kind == "food" for line in group.lines)
    if order.delivery_type == DeliveryType.PICKUP:
        flow = FulfilmentFlow.PICKUP
    else:
        flow = FulfilmentFlow.FOOD_DELIVERY if is_food else FulfilmentFlow.RETAIL
    day = _day(draft, group)
    return Fulfilment(
        order=order,
        merchant_id=group.merchant_id,
        branch_id=group.branch.branch_id,
        number=new_number(day),
        business_date=day,
        flow=flow,
        state=order.state,
        subtotal=group.priced.subtotal,
        discount=group.priced.discount,
        delivery_fee=group.priced.delivery_fee,
        tax=group.priced.tax,
        total=group.priced.total,
        platform_delivery=platform_delivery,
        placed_at=draft.now,
        settled_at=None if draft.quote.priced.total else draft.now,
    )


def _day(draft: OrderDraft, group: QuotedGroup) -> date:
    return clock.day_in(draft.now, group.merchant_timezone)


def _line(
    order: Order,
    part: Fulfilment,
    line: QuotedLine,
    position: int,
    borne: Mapping[str, Decimal],
    terms: Terms,
) -> OrderLine:
    offer, priced = line.offer, line.priced
    if offer is None or priced is None:
        raise LinesUnavailable  # an orderable quote has both on every line
    discount = min(priced.discount, priced.subtotal)
    promotion = min(borne.get(priced.key, Decimal(0)), discount)
    earned = priced.subtotal - discount + promotion
    return OrderLine(
        order=order,
        fulfilment=part,
        product_id=offer.product_id,
        variant_id=offer.variant_id,
        title=offer.title[:255],
        sku=offer.sku,
        options=dict(offer.options),
        modifiers=[_modifier(each.id, each.name, each.price_delta) for each in line.modifiers],
        image=(offer.image or "")[:255],
        position=position,
        quantity=line.line.quantity,
        unit_price=line.unit_price,
        subtotal=priced.subtotal,
        discount=discount,
        tax=priced.tax,
        total=priced.subtotal - discount,
        tracks_stock=offer.tracks_stock,
        platform_discount=promotion,
        commission_percent=terms.percent,
        commission_fixed=terms.fixed,
        commission=terms.commission(earned, line.line.quantity, order.currency),
    )


def _modifier(pk: int, name: str, delta: Decimal) -> dict[str, Any]:
    return {"id": pk, "name": name, "price_delta": money_json(delta)}


def _first_events(draft: OrderDraft, order: Order) -> list[OrderEvent]:
    person = draft.command.customer
    placed = OrderEvent(
        order=order,
        kind="placed",
        to_state=OrderState.PENDING,
        actor=person,
        actor_role="customer",
        at=draft.now,
    )
    if not draft.is_confirmed:
        return [placed]
    confirmed = OrderEvent(
        order=order,
        kind="state",
        from_state=OrderState.PENDING,
        to_state=OrderState.CONFIRMED,
        at=draft.now,
    )
    return [placed, confirmed]
