"""What holds for every cart and every set of rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from karvon.promotions.pricing import price
from karvon.promotions.rules import DeliveryGroup, PricingInput, PricingLine, Rule

EXAMPLES = settings(max_examples=300, deadline=None)

amounts = st.decimals(min_value=0, max_value=10_000, places=2, allow_nan=False, allow_infinity=False)
CODE = "COUPON"


@st.composite
def lines(draw: st.DrawFn) -> tuple[PricingLine, ...]:
    count = draw(st.integers(0, 6))
    made = []
    for key in range(count):
        merchant = draw(st.integers(1, 3))
        made.append(
            PricingLine(
                key=str(key),
                group=f"g{merchant}",
                merchant_id=merchant,
                product_id=draw(st.integers(1, 4)),
                unit_price=draw(amounts),
                quantity=draw(st.integers(1, 20)),
                category_ids=draw(st.frozensets(st.integers(1, 4), max_size=3)),
                tax_rate=draw(st.sampled_from([Decimal(0), Decimal(12), Decimal("7.5")])),
            )
        )
    return tuple(made)


@st.composite
def rules(draw: st.DrawFn, *, code: str | None = None, rule_id: int | None = None) -> Rule:
    kind = draw(st.sampled_from(["percent", "fixed", "free_delivery"]))
    top = 100 if kind == "percent" else 5_000
    return Rule(
        id=rule_id or draw(st.integers(1, 10_000)),
        kind=kind,
        value=draw(st.decimals(min_value="0.01", max_value=top, places=2)),
        currency="UZS",
        code=code,
        merchant_id=draw(st.none() | st.integers(1, 3)),
        minimum_subtotal=draw(st.just(Decimal(0)) | amounts),
        maximum_discount=draw(st.none() | st.decimals(min_value="0.01", max_value=500, places=2)),
        product_ids=draw(st.frozensets(st.integers(1, 4), max_size=2)),
        category_ids=draw(st.frozensets(st.integers(1, 4), max_size=2)),
        priority=draw(st.integers(0, 3)),
        is_stackable=draw(st.booleans()),
    )


@st.composite
def carts(draw: st.DrawFn, *, coupon: bool = False) -> PricingInput:
    automatic = draw(st.lists(rules(), max_size=4, unique_by=lambda rule: rule.id))
    chosen = [draw(rules(code=CODE, rule_id=20_000))] if coupon else []
    groups = tuple(
        DeliveryGroup(f"g{merchant}", merchant, draw(amounts), draw(st.none() | amounts))
        for merchant in (1, 2, 3)
    )
    return PricingInput("UZS", draw(lines()), groups, (*automatic, *chosen), CODE if coupon else None)


@EXAMPLES
@given(carts(coupon=True))
def test_nothing_is_negative_and_everything_adds_up(cart: PricingInput):
    result = price(cart)

    assert result.total == result.subtotal - result.discount + result.delivery_fee
    assert result.subtotal == sum(line.subtotal for line in result.lines)
    assert result.discount == sum(line.discount for line in result.lines)
    assert result.tax == sum(line.tax for line in result.lines)
    assert result.delivery_fee == sum(group.delivery_fee for group in result.groups)
    assert result.total == sum(group.total for group in result.groups)
    for line in result.lines:
        assert line.total == line.subtotal - line.discount
        assert 0 <= line.discount <= line.subtotal
        assert 0 <= line.tax <= line.total
    assert all(group.delivery_fee >= 0 and group.total >= 0 for group in result.groups)
    assert result.total >= 0


@EXAMPLES
@given(carts(coupon=True))
def test_each_promotion_is_accounted_for_to_the_cent(cart: PricingInput):
    result = price(cart)

    on_lines = [one for one in result.discounts if one.kind != "free_delivery"]
    assert sum(one.amount for one in on_lines) == result.discount
    for one in result.discounts:
        assert one.amount > 0
        assert sum(amount for _, amount in (*one.by_line, *one.by_group)) == one.amount
    for line in result.lines:
        assert line.discount == sum(dict(one.by_line).get(line.key, 0) for one in on_lines)
    cent = Decimal("0.01")
    for amount in (result.subtotal, result.discount, result.delivery_fee, result.tax, result.total):
        assert amount % cent == 0


@EXAMPLES
@given(carts(coupon=True), st.randoms())
def test_the_order_of_lines_groups_and_rules_does_not_matter(cart: PricingInput, random):
    shuffled = replace(
        cart,
        lines=tuple(random.sample(cart.lines, len(cart.lines))),
        groups=tuple(random.sample(cart.groups, len(cart.groups))),
        rules=tuple(random.sample(cart.rules, len(cart.rules))),
    )

    one, other = price(cart), price(shuffled)

    assert one.line_by_key == other.line_by_key
    assert one.group_by_key == other.group_by_key
    assert one.discounts == other.discounts
    assert (one.total, one.coupon) == (other.total, other.coupon)


@EXAMPLES
@given(carts(coupon=True))
def test_entering_a_coupon_never_makes_a_cart_dearer(cart: PricingInput):
    assert price(cart).total <= price(replace(cart, code=None)).total


@EXAMPLES
@given(carts())
def test_rules_never_make_a_cart_dearer(cart: PricingInput):
    assert price(cart).total <= price(replace(cart, rules=())).total


@EXAMPLES
@given(carts(coupon=True))
def test_a_coupon_tells_what_it_did(cart: PricingInput):
    result = price(cart)

    applied = [one for one in result.discounts if one.code == CODE]
    assert result.coupon is not None
    assert result.coupon.is_applied == bool(applied)
    assert (result.coupon.reason is None) == bool(applied)
    assert result.coupon.amount == sum(one.amount for one in applied)


@EXAMPLES
@given(carts())
def test_rules_that_do_not_add_to_others_share_no_line(cart: PricingInput):
    result = price(cart)

    by_id = {rule.id: rule for rule in cart.rules}
    for line in result.lines:
        on_it = [by_id[one.promotion_id] for one in result.discounts if line.key in dict(one.by_line)]
        assert len(on_it) <= 1 or all(rule.is_stackable for rule in on_it)
