"""What pricing is told and what it answers: frozen values, no rows and no queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)

PERCENT = "percent"
FIXED = "fixed"
FREE_DELIVERY = "free_delivery"
MEMBERSHIP = "membership"


@dataclass(frozen=True, slots=True)
class Rule:
    """A promotion as pricing sees it.

    `merchant_id` None is the platform's. Empty scopes mean every product; a category stands for all below it.
    `problem` is set on a coupon that exists but may not be used now (`promotions.reasons` has the codes).
    """

    id: int
    kind: str
    value: Decimal
    currency: str
    name: str = ""
    code: str | None = None
    merchant_id: int | None = None
    minimum_subtotal: Decimal = ZERO
    maximum_discount: Decimal | None = None
    product_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    priority: int = 100
    is_stackable: bool = True
    borne_by: str = "merchant"
    problem: str | None = None

    @property
    def names_amounts(self) -> bool:
        """Whether its currency matters: a bare percentage fits any."""
        return self.kind == FIXED or bool(self.minimum_subtotal) or self.maximum_discount is not None


@dataclass(frozen=True, slots=True)
class PricingLine:
    """One line to price. `key` is unique in the cart; `category_ids` holds the category and all above it.

    `unit_price` is with modifiers; `tax_rate` is the percentage that prices already include.
    """

    key: str
    group: str
    merchant_id: int
    product_id: int
    unit_price: Decimal
    quantity: int
    category_ids: frozenset[int] = frozenset()
    tax_rate: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class DeliveryGroup:
    """What one branch hands over, and what bringing it costs (`fee` 0 for pickup)."""

    key: str
    merchant_id: int
    fee: Decimal = ZERO
    free_from: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PricingInput:
    """A cart to price: lines, the groups they are handed over in, and every rule that could apply."""

    currency: str
    lines: tuple[PricingLine, ...]
    groups: tuple[DeliveryGroup, ...] = ()
    rules: tuple[Rule, ...] = ()
    code: str | None = None


@dataclass(frozen=True, slots=True)
class PricedLine:
    """subtotal - discount = total; `tax` is the part of `total` that is tax."""

    key: str
    group: str
    unit_price: Decimal
    quantity: int
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class PricedGroup:
    """The sums of one group: subtotal - discount + delivery_fee = total."""

    key: str
    merchant_id: int
    subtotal: Decimal
    discount: Decimal
    delivery_fee: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class AppliedDiscount:
    """What one promotion, or the customer's membership (`promotion_id` None), took off. Free delivery lowers `delivery_fee` (`by_group`), the others lines
    (`by_line`).
    """

    promotion_id: int | None
    code: str | None
    name: str
    kind: str
    borne_by: str
    amount: Decimal
    by_line: tuple[tuple[str, Decimal], ...] = ()
    by_group: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class CouponOutcome:
    """Whether the shopper's coupon did something, and if not why; `missing` is what lacks to the minimum."""

    code: str
    is_applied: bool
    amount: Decimal = ZERO
    reason: str | None = None
    missing: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PricedCart:
    """The priced cart: total = subtotal - discount + delivery_fee, and each is the sum of its lines and
    groups.
    """

    currency: str
    lines: tuple[PricedLine, ...]
    groups: tuple[PricedGroup, ...]
    discounts: tuple[AppliedDiscount, ...]
    subtotal: Decimal
    discount: Decimal
    delivery_fee: Decimal
    tax: Decimal
    total: Decimal
    coupon: CouponOutcome | None = None
    line_by_key: dict[str, PricedLine] = field(default_factory=dict, compare=False, repr=False)
    group_by_key: dict[str, PricedGroup] = field(default_factory=dict, compare=False, repr=False)
