"""Limits of promotions under many customers at once, each with its control."""

from __future__ import annotations

import threading
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, transaction

from karvon.promotions.errors import CouponExhausted, CouponUsedUp
from karvon.promotions.models import Promotion, PromotionUse
from karvon.promotions.services import release_promotions, use_promotions
from karvon.promotions.tests.factories import make_coupon
from tests.concurrency.crowds import Meeting, count_of, run_crowd, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)

AMOUNT = Decimal("10.00")


def use(*promotion_ids: int, order_id: int, customer: str) -> None:
    use_promotions(
        order_id=order_id,
        customer_key=customer,
        uses=[(promotion_id, AMOUNT) for promotion_id in promotion_ids],
    )


def test_a_limit_of_ten_and_a_hundred_customers():
    coupon = make_coupon(total_limit=10)

    results = run_crowd([partial(use, coupon.pk, order_id=n, customer=f"user:{n}") for n in range(1, 101)])

    assert (results.count(None), count_of(results, CouponExhausted)) == (10, 90)
    coupon.refresh_from_db()
    assert coupon.used_count == PromotionUse.objects.count() == 10


def test_control_counting_outside_the_lock_passes_the_limit():
    coupon = make_coupon(total_limit=1)
    meeting = Meeting(2)

    def naive_use(order_id: int) -> None:
        with transaction.atomic():
            seen = Promotion.objects.get(pk=coupon.pk)
            meeting.wait()
            if seen.used_count >= seen.total_limit:
                raise CouponExhausted
            Promotion.objects.filter(pk=coupon.pk).update(used_count=seen.used_count + 1)
            PromotionUse.objects.create(
                promotion=seen, order_id=order_id, customer_key="user:1", amount=AMOUNT
            )

    run_crowd([partial(naive_use, order_id) for order_id in (1, 2)])

    assert PromotionUse.objects.count() == 2


def test_a_use_given_back_while_a_customer_waits_can_be_had():
    coupon = make_coupon(total_limit=1)
    use(coupon.pk, order_id=1, customer="user:1")
    promotion_is_locked = threading.Event()

    def cancel() -> None:
        with transaction.atomic():
            release_promotions(1)
            promotion_is_locked.set()
            wait_until_blocked()

    def shop() -> None:
        assert promotion_is_locked.wait(30)
        use(coupon.pk, order_id=2, customer="user:2")

    assert run_crowd([cancel, shop]) == [None, None]
    coupon.refresh_from_db()
    assert coupon.used_count == 1


def test_one_use_per_customer_and_one_customer_with_twenty_windows_open():
    coupon = make_coupon(per_customer_limit=1)

    results = run_crowd([partial(use, coupon.pk, order_id=n, customer="user:1") for n in range(1, 21)])

    assert (results.count(None), count_of(results, CouponUsedUp)) == (1, 19)
    coupon.refresh_from_db()
    assert coupon.used_count == PromotionUse.objects.count() == 1


def test_control_counting_a_customers_uses_without_the_lock():
    coupon = make_coupon(per_customer_limit=1)
    meeting = Meeting(2)

    def naive_use(order_id: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM promotions_promotionuse WHERE customer_key = 'user:1'")
            (earlier,) = cursor.fetchone()
            meeting.wait()
            if earlier < 1:
                PromotionUse.objects.create(
                    promotion=coupon, order_id=order_id, customer_key="user:1", amount=AMOUNT
                )

    run_crowd([partial(naive_use, order_id) for order_id in (1, 2)])

    assert PromotionUse.objects.count() == 2


def test_two_promotions_in_opposite_order():
    one, two = make_coupon(total_limit=30), make_coupon(total_limit=30)

    results = run_crowd(
        [
            partial(use, *pair, order_id=n, customer=f"user:{n}")
            for n in range(1, 81)
            for pair in ([(one.pk, two.pk)] if n % 2 else [(two.pk, one.pk)])
        ]
    )

    assert (results.count(None), count_of(results, CouponExhausted)) == (30, 50)
    assert list(Promotion.objects.order_by("id").values_list("used_count", flat=True)) == [30, 30]


def test_a_release_asked_twenty_times_gives_one_use_back():
    coupon = make_coupon(total_limit=5)
    for order_id in (1, 2):
        use(coupon.pk, order_id=order_id, customer="user:1")

    run_crowd([partial(release_promotions, 1)] * 20)

    coupon.refresh_from_db()
    assert coupon.used_count == 1
