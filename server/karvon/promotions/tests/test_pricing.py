from __future__ import annotations

from decimal import Decimal
from typing import Any

from karvon.promotions.pricing import price
from karvon.promotions.rules import DeliveryGroup, PricedCart, PricingInput, PricingLine, Rule


def line(key: str = "1", unit: str = "100", quantity: int = 1, **fields: Any) -> PricingLine:
    fields = {"group": "g1", "merchant_id": 1, "product_id": int(key)} | fields
    return PricingLine(key=key, unit_price=Decimal(unit), quantity=quantity, **fields)


def rule(rule_id: int = 1, kind: str = "percent", value: str = "10", **fields: Any) -> Rule:
    return Rule(id=rule_id, kind=kind, value=Decimal(value), currency="UZS", **fields)


def priced(*lines: PricingLine, rules: tuple[Rule, ...] = (), **fields: Any) -> PricedCart:
    return price(PricingInput("UZS", lines, rules=rules, **fields))


def test_an_empty_cart_costs_nothing():
    cart = priced()

    assert (cart.subtotal, cart.discount, cart.delivery_fee, cart.tax, cart.total) == (0, 0, 0, 0, 0)


def test_without_rules_the_total_is_the_sum_of_lines_and_fees():
    cart = priced(line(quantity=3), line("2", "50.50"), groups=(DeliveryGroup("g1", 1, Decimal(15)),))

    assert (cart.subtotal, cart.delivery_fee, cart.total) == (Decimal("350.50"), 15, Decimal("365.50"))


def test_percent_is_taken_from_what_it_covers():
    cart = priced(line(), line("2", "200"), rules=(rule(product_ids=frozenset({2})),))

    assert [priced_line.discount for priced_line in cart.lines] == [0, 20]
    assert (cart.discount, cart.total) == (20, 280)


def test_a_category_stands_for_all_below_it():
    tea = line(category_ids=frozenset({1, 5, 9}))
    cart = priced(tea, line("2", category_ids=frozenset({2})), rules=(rule(category_ids=frozenset({5})),))

    assert [priced_line.discount for priced_line in cart.lines] == [10, 0]


def test_an_amount_is_spread_to_the_cent_and_never_exceeds_the_goods():
    thirds = priced(line("1", "1"), line("2", "1"), line("3", "1"), rules=(rule(kind="fixed", value="1"),))
    more = priced(line("1", "1"), rules=(rule(kind="fixed", value="5"),))

    assert [str(one.discount) for one in thirds.lines] == ["0.34", "0.33", "0.33"]
    assert (more.discount, more.total) == (1, 0)


def test_maximum_discount():
    cart = priced(line(unit="1000"), rules=(rule(value="50", maximum_discount=Decimal(120)),))

    assert cart.discount == 120


def test_rules_follow_one_another_by_priority():
    off_fifty = rule(1, "fixed", "50", priority=2)
    half = rule(2, "percent", "50", priority=1)
    cart = priced(line(), rules=(off_fifty, half))

    assert [(one.promotion_id, one.amount) for one in cart.discounts] == [(2, 50), (1, 50)]
    assert cart.total == 0


def test_a_rule_that_does_not_add_to_others_wins_only_if_it_takes_off_more():
    ten, five = rule(1, value="10"), rule(2, value="5")
    weak, strong = rule(3, value="12", is_stackable=False), rule(4, value="30", is_stackable=False)

    assert [one.promotion_id for one in priced(line(), rules=(ten, five, weak)).discounts] == [1, 2]
    assert [one.promotion_id for one in priced(line(), rules=(ten, five, strong)).discounts] == [4]


def test_rules_that_do_not_add_up_keep_apart_only_on_the_same_lines():
    mine = rule(1, value="30", is_stackable=False, merchant_id=1)
    yours = rule(2, value="10", merchant_id=2)
    cart = priced(line(), line("2", merchant_id=2, group="g2"), rules=(mine, yours))

    assert [one.promotion_id for one in cart.discounts] == [1, 2]


def test_a_merchants_rule_leaves_the_others_goods_alone():
    cart = priced(line(), line("2", merchant_id=2, group="g2"), rules=(rule(merchant_id=2),))

    assert [one.discount for one in cart.lines] == [0, 10]


def test_the_minimum_looks_at_covered_goods_before_discounts():
    floor = rule(1, code="BIG", minimum_subtotal=Decimal(150), product_ids=frozenset({1}))

    short = priced(line(), line("2"), rules=(floor,), code="big")
    enough = priced(line(quantity=2), line("2"), rules=(rule(2, "fixed", "60"), floor), code="BIG")

    assert (short.coupon.reason, short.coupon.missing) == ("minimum_not_reached", 50)
    assert enough.coupon.is_applied


def test_coupons_apply_only_when_entered():
    coupon = rule(code="TEN")

    assert priced(line(), rules=(coupon,)).discount == 0
    assert priced(line(), rules=(coupon,)).coupon is None
    entered = priced(line(), rules=(coupon,), code="ten")
    assert (entered.discount, entered.coupon.is_applied, entered.coupon.amount) == (10, True, 10)


def test_why_a_coupon_does_nothing():
    reasons = {
        "coupon_not_found": priced(line(), code="X"),
        "coupon_expired": priced(line(), rules=(rule(code="X", problem="coupon_expired"),), code="X"),
        "no_matching_items": priced(line(), rules=(rule(code="X", merchant_id=9),), code="X"),
        "currency_mismatch": price(
            PricingInput("USD", (line(),), rules=(rule(kind="fixed", code="X"),), code="X")
        ),
        "coupon_not_combinable": priced(
            line(), rules=(rule(1, value="50", is_stackable=False), rule(2, code="X")), code="X"
        ),
    }

    for reason, cart in reasons.items():
        assert (cart.coupon.is_applied, cart.coupon.reason) == (False, reason)


def test_a_percentage_fits_any_currency():
    cart = price(PricingInput("USD", (line(),), rules=(rule(),)))

    assert cart.discount == 10


def test_free_delivery_lowers_the_fee_and_not_the_goods():
    group = DeliveryGroup("g1", 1, Decimal(15))
    cart = priced(line(), rules=(rule(kind="free_delivery", value="0"),), groups=(group,))

    assert (cart.discount, cart.delivery_fee, cart.total) == (0, 0, 100)
    assert [(one.kind, one.amount, one.by_group) for one in cart.discounts] == [
        ("free_delivery", 15, (("g1", 15),))
    ]


def test_free_from_looks_before_discounts():
    group = DeliveryGroup("g1", 1, Decimal(15), free_from=Decimal(100))

    assert priced(line(), rules=(rule(),), groups=(group,)).delivery_fee == 0
    assert priced(line(unit="99.99"), groups=(group,)).delivery_fee == 15


def test_a_group_without_goods_costs_no_delivery():
    assert (
        priced(line(), groups=(DeliveryGroup("g1", 1), DeliveryGroup("g2", 2, Decimal(15)))).delivery_fee == 0
    )


def test_tax_is_the_part_that_prices_include():
    cart = priced(line(unit="112", tax_rate=Decimal(12)), rules=(rule(kind="fixed", value="56"),))

    assert (cart.tax, cart.total) == (Decimal("6.00"), 56)


def test_groups_add_up_to_the_cart():
    groups = (DeliveryGroup("g1", 1, Decimal(10)), DeliveryGroup("g2", 2, Decimal(20)))
    cart = priced(line(), line("2", "33.33", merchant_id=2, group="g2"), rules=(rule(),), groups=groups)

    assert sum(group.total for group in cart.groups) == cart.total
    assert [group.key for group in cart.groups] == ["g1", "g2"]
