"""A cart against today's offers: what can be bought, from where, for how much. Pure; checkout uses it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from karvon.carts.grouping import assign_branches
from karvon.carts.lines import PICKUP, CartLine, CartSnapshot
from karvon.carts.offers import MERCHANT_CLOSED, WITHDRAWN, Offer, OfferBranch, OfferModifier
from karvon.kernel.money import round_amount
from karvon.promotions.pricing import price
from karvon.promotions.rules import (
    DeliveryGroup,
    PricedCart,
    PricedGroup,
    PricedLine,
    PricingInput,
    PricingLine,
    Rule,
)

SOLD_OUT = "sold_out"
INSUFFICIENT_STOCK = "insufficient_stock"
PRICE_CHANGED = "price_changed"
MODIFIERS_CHANGED = "modifiers_changed"
CURRENCY_MIXED = "currency_mixed"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line as it stands now. Lines that cannot be bought stay, with a `problem`, and count for nothing.

    `price_changed` alone does not stop a line: it is priced anew. `group` and `branch` are None where it is
    not available, `offer` where the variant is gone.
    """

    line: CartLine
    offer: Offer | None
    modifiers: tuple[OfferModifier, ...]
    unit_price: Decimal
    subtotal: Decimal
    is_available: bool
    problem: str | None
    branch: OfferBranch | None
    group: str | None
    priced: PricedLine | None

    @property
    def left(self) -> int | None:
        """Units that can be had; None when they are not counted."""
        return self.offer.most_available if self.offer else 0


@dataclass(frozen=True, slots=True)
class QuotedGroup:
    """The lines that one branch hands over."""

    key: str
    merchant_id: int
    merchant_username: str
    merchant_name: str
    merchant_timezone: str
    branch: OfferBranch
    lines: tuple[QuotedLine, ...]
    priced: PricedGroup

    @property
    def is_minimum_reached(self) -> bool:
        return self.priced.subtotal >= self.branch.minimum_order


@dataclass(frozen=True, slots=True)
class CartQuote:
    """A priced cart. `priced` holds the totals of the lines that are available."""

    currency: str | None
    delivery_type: str
    lines: tuple[QuotedLine, ...]
    groups: tuple[QuotedGroup, ...]
    priced: PricedCart

    @property
    def is_orderable(self) -> bool:
        return bool(self.lines) and all(line.is_available for line in self.lines)

    @property
    def problems(self) -> dict[int, str]:
        """Problem by line id, of lines that cannot be bought."""
        return {line.line.id: line.problem for line in self.lines if line.problem and not line.is_available}


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is known of a line before branches are chosen."""

    line: CartLine
    offer: Offer | None
    modifiers: tuple[OfferModifier, ...]
    unit_price: Decimal
    problem: str | None


def price_snapshot(
    snapshot: CartSnapshot,
    offers: Mapping[int, Offer],
    *,
    rules: Sequence[Rule] = (),
    delivery_type: str | None = None,
    branch_id: int | None = None,
) -> CartQuote:
    """Price a cart with offers and rules just read. `delivery_type` defaults to the cart's own.

    `branch_id` binds its merchant to that branch.
    """
    handover = delivery_type or snapshot.delivery_type
    currency = _currency_of(snapshot, offers)
    standing = [_stand(line, offers.get(line.variant_id), currency) for line in snapshot.lines]
    sound = [one.line for one in standing if one.problem is None]
    branches = assign_branches(sound, offers, delivery_type=handover, branch_id=branch_id)
    coupon = snapshot.coupon if offers else None  # without goods nobody has asked about it
    priced = price(_pricing_input(standing, branches, currency or "", handover, coupon, rules))
    lines = tuple(_quote_line(one, branches.get(one.line.id), handover, currency, priced) for one in standing)
    return CartQuote(
        currency=currency,
        delivery_type=handover,
        lines=lines,
        groups=tuple(_quote_group(group, lines) for group in priced.groups),
        priced=priced,
    )


def _currency_of(snapshot: CartSnapshot, offers: Mapping[int, Offer]) -> str | None:
    """The oldest line decides; without offers, the currency that was seen."""
    for line in snapshot.lines:
        if line.variant_id in offers:
            return offers[line.variant_id].currency
    return snapshot.lines[0].seen_currency if snapshot.lines else None


def _stand(line: CartLine, offer: Offer | None, currency: str | None) -> _Standing:
    if offer is None:
        return _Standing(line, None, (), line.seen_price, WITHDRAWN)
    modifiers = offer.pick_modifiers(line.modifier_ids)
    problem = offer.problem
    if problem is None and offer.currency != currency:
        problem = CURRENCY_MIXED
    if problem is None and modifiers is None:
        problem = MODIFIERS_CHANGED
    if modifiers is None:
        return _Standing(line, offer, (), line.seen_price, problem)
    return _Standing(line, offer, modifiers, offer.unit_price(modifiers), problem)


def _pricing_input(
    standing: Sequence[_Standing],
    branches: Mapping[int, OfferBranch | None],
    currency: str,
    handover: str,
    coupon: str | None,
    rules: Sequence[Rule],
) -> PricingInput:
    lines: list[PricingLine] = []
    groups: dict[str, DeliveryGroup] = {}
    for one in standing:
        branch = branches.get(one.line.id)
        if branch is None or one.offer is None:
            continue
        key = group_key(one.offer.merchant_id, branch.branch_id)
        fee = ZERO if handover == PICKUP else branch.delivery_fee
        groups.setdefault(key, DeliveryGroup(key, one.offer.merchant_id, fee, branch.free_delivery_from))
        lines.append(
            PricingLine(
                key=str(one.line.id),
                group=key,
                merchant_id=one.offer.merchant_id,
                product_id=one.offer.product_id,
                unit_price=one.unit_price,
                quantity=one.line.quantity,
                category_ids=one.offer.category_ids,
                tax_rate=one.offer.tax_rate,
            )
        )
    return PricingInput(currency, tuple(lines), tuple(groups.values()), tuple(rules), coupon)


def group_key(merchant_id: int, branch_id: int) -> str:
    """How pricing names the part of an order that one branch hands over."""
    return f"{merchant_id}:{branch_id}"


def _quote_line(
    one: _Standing, branch: OfferBranch | None, handover: str, currency: str | None, priced: PricedCart
) -> QuotedLine:
    counted = priced.line_by_key.get(str(one.line.id))
    problem = one.problem
    if problem is None and branch is None and one.offer is not None:
        problem = _stock_problem(one.offer, handover)
    if problem is None and one.unit_price != one.line.seen_price:
        problem = PRICE_CHANGED
    return QuotedLine(
        line=one.line,
        offer=one.offer,
        modifiers=one.modifiers,
        unit_price=one.unit_price,
        subtotal=counted.subtotal if counted else _shown_subtotal(one, currency),
        is_available=counted is not None,
        problem=problem,
        branch=branch,
        group=counted.group if counted else None,
        priced=counted,
    )


def _stock_problem(offer: Offer, handover: str) -> str:
    if not any(branch.serves(handover) for branch in offer.branches):
        return MERCHANT_CLOSED
    return SOLD_OUT if offer.most_available == 0 else INSUFFICIENT_STOCK


def _shown_subtotal(one: _Standing, currency: str | None) -> Decimal:
    amount = one.unit_price * one.line.quantity
    return round_amount(amount, currency) if currency else amount


def _quote_group(group: PricedGroup, lines: Sequence[QuotedLine]) -> QuotedGroup:
    own = tuple(line for line in lines if line.group == group.key)
    offer, branch = next((line.offer, line.branch) for line in own if line.offer and line.branch)
    return QuotedGroup(
        key=group.key,
        merchant_id=offer.merchant_id,
        merchant_username=offer.merchant_username,
        merchant_name=offer.merchant_name,
        merchant_timezone=offer.merchant_timezone,
        branch=branch,
        lines=own,
        priced=group,
    )
