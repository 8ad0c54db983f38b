"""The one function that prices a cart. Pure: the same input gives the same answer, whatever the order of its
lines.

`docs/algorithms/pricing.md` tells it in prose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from karvon.kernel.money import Money, round_amount
from karvon.promotions.rules import (
    FIXED,
    FREE_DELIVERY,
    MEMBERSHIP,
    PERCENT,
    ZERO,
    AppliedDiscount,
    CouponOutcome,
    DeliveryGroup,
    PricedCart,
    PricedGroup,
    PricedLine,
    PricingInput,
    PricingLine,
    Rule,
)

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A rule that may apply, with the places of the lines that it touches."""

    rule: Rule
    touched: frozenset[int]

    def goes_with(self, other: _Candidate) -> bool:
        """Rules that do not add to others only keep apart on lines that both touch."""
        return (self.rule.is_stackable and other.rule.is_stackable) or self.touched.isdisjoint(other.touched)


@dataclass(slots=True)
class _Outcome:
    """What one selection of rules leads to."""

    discounts: list[AppliedDiscount]
    remaining: list[Decimal]
    fees: dict[str, Decimal]

    @property
    def benefit(self) -> Decimal:
        return sum((discount.amount for discount in self.discounts), ZERO)


def price(cart: PricingInput) -> PricedCart:
    """Price a cart.

    Of all selections of rules that may stand together, the one that takes off most wins; a coupon can
    therefore never make a cart dearer. Nothing goes below zero.
    """
    lines = sorted(cart.lines, key=lambda line: line.key)
    subtotals = [round_amount(line.unit_price * line.quantity, cart.currency) for line in lines]
    groups = sorted(cart.groups, key=lambda group: group.key)
    fees = _delivery_fees(cart.currency, lines, subtotals, groups)
    candidates, refusals = _sift(cart, lines, subtotals)
    outcomes = [
        _apply(selection, cart.currency, lines, subtotals, fees) for selection in _selections(candidates)
    ]
    best = max(outcomes, key=lambda outcome: outcome.benefit)  # the first of equals
    return _assemble(cart, lines, subtotals, groups, best, refusals)


def included_tax(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """The part of an amount that is tax, when prices include `rate` percent of it."""
    return round_amount(amount * rate / (HUNDRED + rate), currency)


def _delivery_fees(
    currency: str,
    lines: Sequence[PricingLine],
    subtotals: Sequence[Decimal],
    groups: Sequence[DeliveryGroup],
) -> dict[str, Decimal]:
    """Free-from looks at the subtotal before discounts: a coupon must not make delivery cost more."""
    by_group: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line, subtotal in zip(lines, subtotals, strict=True):
        by_group[line.group] += subtotal
    return {
        group.key: ZERO
        if group.key not in by_group
        or (group.free_from is not None and by_group[group.key] >= group.free_from)
        else round_amount(max(group.fee, ZERO), currency)
        for group in groups
    }


def _sift(
    cart: PricingInput, lines: Sequence[PricingLine], subtotals: Sequence[Decimal]
) -> tuple[list[_Candidate], dict[int, CouponOutcome]]:
    """Which rules may apply, in their order; and why a coupon may not."""
    candidates: list[_Candidate] = []
    refusals: dict[int, CouponOutcome] = {}
    for rule in sorted(cart.rules, key=lambda rule: (rule.priority, rule.id)):
        touched = frozenset(place for place, line in enumerate(lines) if _covers(rule, line))
        reached = sum((subtotals[place] for place in touched), ZERO)
        reason = _refusal(rule, cart, touched, reached)
        if reason is None:
            candidates.append(_Candidate(rule, touched))
        elif rule.code:
            lacking = rule.minimum_subtotal - reached if reason == "minimum_not_reached" else None
            refusals[rule.id] = CouponOutcome(rule.code, False, reason=reason, missing=lacking)
    return candidates, refusals


def _covers(rule: Rule, line: PricingLine) -> bool:
    if rule.merchant_id is not None and rule.merchant_id != line.merchant_id:
        return False
    if not rule.product_ids and not rule.category_ids:
        return True
    return line.product_id in rule.product_ids or not rule.category_ids.isdisjoint(line.category_ids)


def _refusal(rule: Rule, cart: PricingInput, touched: frozenset[int], reached: Decimal) -> str | None:
    if rule.code and (cart.code is None or rule.code.upper() != cart.code.upper()):
        return "coupon_not_entered"
    if rule.problem:
        return rule.problem
    if not touched:
        return "no_matching_items"
    if rule.names_amounts and rule.currency != cart.currency:
        return "currency_mismatch"
    if reached < rule.minimum_subtotal:
        return "minimum_not_reached"
    return None


def _selections(candidates: Sequence[_Candidate]) -> Iterable[list[_Candidate]]:
    """Selections of rules that may stand together: grown from nothing and from each rule that stands alone.

    Each is also grown without coupons, so that entering one only ever adds choices.
    """
    without_coupon = [candidate for candidate in candidates if candidate.rule.code is None]
    yield []
    pools = [without_coupon] if len(without_coupon) == len(candidates) else [without_coupon, list(candidates)]
    for pool in pools:
        stackable = [candidate for candidate in pool if candidate.rule.is_stackable]
        alone = [candidate for candidate in pool if not candidate.rule.is_stackable]
        for seed in ([], *([candidate] for candidate in alone)):
            selection = list(seed)
            for candidate in (*stackable, *alone):
                if candidate not in selection and all(candidate.goes_with(chosen) for chosen in selection):
                    selection.append(candidate)
            yield sorted(selection, key=lambda candidate: (candidate.rule.priority, candidate.rule.id))


def _apply(
    selection: Sequence[_Candidate],
    currency: str,
    lines: Sequence[PricingLine],
    subtotals: Sequence[Decimal],
    fees: dict[str, Decimal],
) -> _Outcome:
    """Take the rules one after another, each from what the earlier ones left."""
    outcome = _Outcome([], list(subtotals), dict(fees))
    for candidate in selection:
        take = _take_from_fees if candidate.rule.kind == FREE_DELIVERY else _take_from_lines
        applied = take(candidate, currency, lines, outcome)
        if applied is not None:
            outcome.discounts.append(applied)
    return outcome


def _take_from_lines(
    candidate: _Candidate, currency: str, lines: Sequence[PricingLine], outcome: _Outcome
) -> AppliedDiscount | None:
    rule, places = candidate.rule, sorted(candidate.touched)
    weights = [outcome.remaining[place] for place in places]
    base = sum(weights, ZERO)
    amount = _capped(rule, _amount_off(rule, base), base, currency)
    if amount <= ZERO:
        return None
    shares = Money(amount, currency).allocate(weights)
    taken = []
    for place, share in zip(places, shares, strict=True):
        outcome.remaining[place] -= share.amount
        taken.append((lines[place].key, share.amount))
    return _applied(rule, amount, by_line=tuple(taken))


def _amount_off(rule: Rule, base: Decimal) -> Decimal:
    if rule.kind in (PERCENT, MEMBERSHIP):
        return base * rule.value / HUNDRED
    return rule.value if rule.kind == FIXED else ZERO


def _capped(rule: Rule, amount: Decimal, base: Decimal, currency: str) -> Decimal:
    if rule.maximum_discount is not None:
        amount = min(amount, rule.maximum_discount)
    return min(round_amount(amount, currency), base)


def _take_from_fees(
    candidate: _Candidate, currency: str, lines: Sequence[PricingLine], outcome: _Outcome
) -> AppliedDiscount | None:
    keys = sorted({lines[place].group for place in candidate.touched} & outcome.fees.keys())
    weights = [outcome.fees[key] for key in keys]
    base = sum(weights, ZERO)
    amount = _capped(candidate.rule, base, base, currency)
    if amount <= ZERO:
        return None
    taken = []
    for key, share in zip(keys, Money(amount, currency).allocate(weights), strict=True):
        outcome.fees[key] -= share.amount
        taken.append((key, share.amount))
    return _applied(candidate.rule, amount, by_group=tuple(taken))


def _applied(
    rule: Rule,
    amount: Decimal,
    *,
    by_line: tuple[tuple[str, Decimal], ...] = (),
    by_group: tuple[tuple[str, Decimal], ...] = (),
) -> AppliedDiscount:
    return AppliedDiscount(
        promotion_id=None if rule.kind == MEMBERSHIP else rule.id,
        code=rule.code,
        name=rule.name,
        kind=rule.kind,
        borne_by=rule.borne_by,
        amount=amount,
        by_line=by_line,
        by_group=by_group,
    )


def _assemble(
    cart: PricingInput,
    lines: Sequence[PricingLine],
    subtotals: Sequence[Decimal],
    groups: Sequence[DeliveryGroup],
    outcome: _Outcome,
    refusals: dict[int, CouponOutcome],
) -> PricedCart:
    by_key = {
        line.key: _priced_line(line, subtotal, remaining, cart.currency)
        for line, subtotal, remaining in zip(lines, subtotals, outcome.remaining, strict=True)
    }
    priced = tuple(by_key[line.key] for line in cart.lines)
    group_by_key = {group.key: _priced_group(group, priced, outcome.fees[group.key]) for group in groups}
    subtotal = sum((line.subtotal for line in priced), ZERO)
    discount = sum((line.discount for line in priced), ZERO)
    delivery_fee = sum(outcome.fees.values(), ZERO)
    return PricedCart(
        currency=cart.currency,
        lines=priced,
        groups=tuple(group_by_key[group.key] for group in cart.groups),
        discounts=tuple(outcome.discounts),
        subtotal=subtotal,
        discount=discount,
        delivery_fee=delivery_fee,
        tax=sum((line.tax for line in priced), ZERO),
        total=subtotal - discount + delivery_fee,
        coupon=_coupon_outcome(cart, outcome, refusals),
        line_by_key=by_key,
        group_by_key=group_by_key,
    )


def _priced_line(line: PricingLine, subtotal: Decimal, remaining: Decimal, currency: str) -> PricedLine:
    return PricedLine(
        key=line.key,
        group=line.group,
        unit_price=line.unit_price,
        quantity=line.quantity,
        subtotal=subtotal,
        discount=subtotal - remaining,
        tax=included_tax(remaining, line.tax_rate, currency),
        total=remaining,
    )


def _priced_group(group: DeliveryGroup, lines: Iterable[PricedLine], fee: Decimal) -> PricedGroup:
    own = [line for line in lines if line.group == group.key]
    subtotal = sum((line.subtotal for line in own), ZERO)
    discount = sum((line.discount for line in own), ZERO)
    return PricedGroup(
        key=group.key,
        merchant_id=group.merchant_id,
        subtotal=subtotal,
        discount=discount,
        delivery_fee=fee,
        tax=sum((line.tax for line in own), ZERO),
        total=subtotal - discount + fee,
    )


def _coupon_outcome(
    cart: PricingInput, outcome: _Outcome, refusals: dict[int, CouponOutcome]
) -> CouponOutcome | None:
    if not cart.code:
        return None
    rule = next((rule for rule in cart.rules if rule.code and rule.code.upper() == cart.code.upper()), None)
    if rule is None or rule.code is None:
        return CouponOutcome(cart.code, False, reason="coupon_not_found")
    if rule.id in refusals:
        return refusals[rule.id]
    for discount in outcome.discounts:
        if discount.promotion_id == rule.id:
            return CouponOutcome(rule.code, True, amount=discount.amount)
    # it would have applied, but a better selection stands without it or nothing was left to take
    return CouponOutcome(rule.code, False, reason="coupon_not_combinable")
