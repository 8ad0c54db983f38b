from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from karvon.promotions.errors import CouponExhausted, CouponUsedUp
from karvon.promotions.models import PromotionUse
from karvon.promotions.services import release_promotions, use_promotions
from karvon.promotions.tests.factories import make_coupon, make_promotion

pytestmark = pytest.mark.django_db

AMOUNT = Decimal("10.00")


def use(promotion, order_id: int, customer: str = "user:1") -> None:
    with transaction.atomic():
        use_promotions(order_id=order_id, customer_key=customer, uses=[(promotion.pk, AMOUNT)])


def used_count(promotion) -> int:
    promotion.refresh_from_db()
    return promotion.used_count


def test_the_total_limit():
    coupon = make_coupon(total_limit=2)
    use(coupon, 1)
    use(coupon, 2)

    with pytest.raises(CouponExhausted):
        use(coupon, 3)

    assert used_count(coupon) == 2
    assert PromotionUse.objects.count() == 2


def test_the_limit_per_customer():
    coupon = make_coupon(per_customer_limit=1)
    use(coupon, 1)

    with pytest.raises(CouponUsedUp):
        use(coupon, 2)
    use(coupon, 3, "phone:+998901234567")

    assert used_count(coupon) == 2


def test_a_released_use_can_be_used_again_and_is_released_once():
    coupon = make_coupon(per_customer_limit=1, total_limit=1)
    use(coupon, 1)

    release_promotions(1)
    release_promotions(1)

    assert used_count(coupon) == 0
    use(coupon, 2)
    assert used_count(coupon) == 1


def test_several_promotions_are_used_together_or_not_at_all():
    fine, spent = make_promotion(), make_coupon(total_limit=1)
    use(spent, 1)

    with pytest.raises(CouponExhausted), transaction.atomic():
        use_promotions(order_id=2, customer_key="user:2", uses=[(fine.pk, AMOUNT), (spent.pk, AMOUNT)])

    assert used_count(fine) == 0


def test_using_is_two_queries_and_using_nothing_is_none():
    one, two = make_promotion(), make_promotion()

    with CaptureQueriesContext(connection) as queries:
        use_promotions(order_id=1, customer_key="user:1", uses=[(one.pk, AMOUNT), (two.pk, AMOUNT)])
        use_promotions(order_id=2, customer_key="user:1", uses=[])

    assert len([query for query in queries if "promotions_" in query["sql"]]) == 2
