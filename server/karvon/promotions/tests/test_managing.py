from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.models import Category
from karvon.kernel import clock
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.promotions.models import Promotion
from karvon.promotions.selectors import list_rules
from karvon.promotions.services import PromotionInput, update_promotion, use_promotions
from karvon.promotions.tests.factories import make_coupon, make_product, make_promotion

pytestmark = pytest.mark.django_db

URL = "/api/v1/promotions/"


def body(merchant=None, **fields):
    return (
        {"name": "Offer", "kind": "percent", "value": "10"}
        | ({"merchant": merchant.pk} if merchant else {"currency": "UZS"})
        | fields
    )


def test_a_merchant_makes_changes_and_ends_a_coupon():
    merchant = make_merchant()
    client = make_client(merchant.owner)
    product = make_product(merchant=merchant)

    made = client.post(URL, body(merchant, code="tea-10", products=[product.pk], borne_by="platform"), "json")
    assert made.status_code == 201
    answer = made.json()
    assert (answer["code"], answer["currency"], answer["borne_by"]) == ("TEA-10", "UZS", "merchant")
    assert (answer["value"], answer["minimum_subtotal"], answer["products"]) == (
        "10.00",
        "0.00",
        [product.pk],
    )

    url = f"{URL}{answer['id']}/"
    changed = client.patch(url, {"value": "20", "total_limit": 5}, "json").json()
    assert (changed["value"], changed["total_limit"], changed["products"]) == ("20.00", 5, [product.pk])
    assert client.get(URL, {"is_coupon": "true"}).json()["count"] == 1
    assert client.get(URL, {"is_coupon": "false"}).json()["count"] == 0

    use_promotions(order_id=1, customer_key="user:1", uses=[(answer["id"], Decimal(1))])
    assert client.patch(url, {"total_limit": 1}, "json").status_code == 200
    refused = client.delete(url)
    assert (refused.status_code, refused.json()["code"]) == (409, "promotion_in_use")
    assert client.patch(url, {"is_active": False}, "json").json()["is_active"] is False


def test_names_in_four_languages():
    merchant = make_merchant()
    client = make_client(merchant.owner)

    made = client.post(URL, body(merchant, name="Tea", name_ru="Чай"), "json").json()
    assert (made["name_en"], made["name_ru"]) == ("Tea", "Чай")
    changed = client.patch(f"{URL}{made['id']}/", {"name_uz": "Choy"}, "json").json()
    assert (changed["name"], changed["name_uz"]) == ("Tea", "Choy")
    (rule,) = list_rules(code=None, merchant_ids=[merchant.pk], now=clock.now(), language="uz")
    assert rule.name == "Choy"


def test_strangers_find_nothing():
    promotion = make_coupon(merchant=make_merchant())
    platform = make_promotion()
    stranger = make_client(make_merchant().owner)

    for pk in (promotion.pk, platform.pk, 2**62, 10**30):
        url = f"{URL}{pk}/"
        assert stranger.get(url).status_code == 404
        assert stranger.patch(url, {"value": "90"}, "json").status_code == 404
        assert stranger.delete(url).status_code == 404
    assert stranger.get(URL).json()["count"] == 0
    assert stranger.post(URL, body(promotion.merchant), "json").status_code == 404
    assert make_client(make_user()).get(URL).status_code == 403
    assert make_client().get(URL).status_code == 401
    promotion.refresh_from_db()
    assert promotion.value == 10


def test_platform_promotions_are_the_operators():
    merchant = make_merchant()

    assert make_client(merchant.owner).post(URL, body(), "json").status_code == 403
    made = make_client(make_user(role=Role.STAFF)).post(URL, body(), "json")

    assert made.status_code == 201
    assert (made.json()["merchant"], made.json()["borne_by"]) == (None, "platform")


def test_a_cashier_may_look_but_not_promise():
    merchant = make_merchant()
    promotion = make_coupon(merchant=merchant)
    cashier = make_client(make_staff(merchant, role=StaffRole.CASHIER).user)

    assert cashier.get(f"{URL}{promotion.pk}/").status_code == 200
    assert cashier.patch(f"{URL}{promotion.pk}/", {"value": "90"}, "json").status_code == 403
    assert cashier.delete(f"{URL}{promotion.pk}/").status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"value": "0"},
        {"value": "101"},
        {"value": "-1"},
        {"value": "NaN"},
        {"value": "Infinity"},
        {"value": "1e400"},
        {"kind": "fixed", "value": "0"},
        {"kind": "gift"},
        {"code": "a b"},
        {"code": "ab"},
        {"code": "x" * 41},
        {"code": "ключ"},
        {"minimum_subtotal": "-1"},
        {"maximum_discount": "0"},
        {"total_limit": 0},
        {"total_limit": 2**40},
        {"per_customer_limit": -1},
        {"priority": -1},
        {"priority": 10**6},
        {"products": [2**62]},
        {"products": [10**30]},
        {"products": "x"},
        {"categories": [2**62]},
        {"currency": "uzs"},
        {"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
        {"name": ""},
        {"name": "x" * 129},
    ],
)
def test_impossible_promotions(fields):
    merchant = make_merchant()

    answer = make_client(merchant.owner).post(URL, body(merchant, **fields), "json")

    assert answer.status_code == 400
    assert Promotion.objects.count() == 0


def test_codes_are_unique_whatever_their_case():
    make_coupon("TEN")
    merchant = make_merchant()

    answer = make_client(merchant.owner).post(URL, body(merchant, code="ten"), "json")

    assert (answer.status_code, answer.json()["code"]) == (409, "coupon_code_taken")
    assert Promotion.objects.count() == 1


def test_other_merchants_products_are_out_of_scope():
    merchant = make_merchant()

    answer = make_client(merchant.owner).post(URL, body(merchant, products=[make_product().pk]), "json")

    assert answer.status_code == 400


def test_a_limit_below_what_was_used():
    coupon = make_coupon(merchant=make_merchant())
    for order_id in (1, 2):
        use_promotions(order_id=order_id, customer_key="user:1", uses=[(coupon.pk, Decimal(1))])

    answer = make_client(coupon.merchant.owner).patch(f"{URL}{coupon.pk}/", {"total_limit": 1}, "json")

    assert answer.status_code == 400


def test_a_promotion_stays_with_its_merchant():
    coupon = make_coupon(merchant=make_merchant())
    other = make_merchant(owner=coupon.merchant.owner)

    answer = make_client(other.owner).patch(f"{URL}{coupon.pk}/", {"merchant": other.pk}, "json")

    assert answer.status_code == 400


def test_the_service_and_the_row_agree():
    coupon = make_coupon(merchant=make_merchant(), minimum_subtotal="5")
    coupon = Promotion.objects.get(pk=coupon.pk)

    data = PromotionInput.of(coupon)
    updated = update_promotion(promotion_id=coupon.pk, data=replace(data, name="New"), actor=None)

    assert PromotionInput.of(updated) == replace(data, name="New")


def test_rules_are_one_query_with_their_scopes():
    merchant, now = make_merchant(), clock.now()
    product, category = make_product(merchant=merchant), Category.objects.create(name="Tea", slug="tea")
    make_promotion(merchant=merchant, products=[product], categories=[category], maximum_discount="7.5")
    make_promotion(merchant=make_merchant())
    make_promotion(ends_at=now)
    make_promotion(starts_at=now + timedelta(minutes=1))
    make_promotion(is_active=False)
    platform = make_promotion(priority=1)
    make_coupon("OTHER")

    with CaptureQueriesContext(connection) as queries:
        rules = list_rules(code=None, merchant_ids=[merchant.pk], now=now)

    assert len(queries) == 1
    assert [rule.id for rule in rules] == [platform.pk, platform.pk - 5]
    assert (rules[1].product_ids, rules[1].category_ids) == ({product.pk}, {category.pk})
    assert rules[1].maximum_discount == Decimal("7.5")


def test_a_coupon_comes_with_what_is_wrong_with_it():
    now = clock.now()
    spent = make_coupon(total_limit=1)
    personal = make_coupon(per_customer_limit=1)
    for coupon in (spent, personal):
        use_promotions(order_id=1, customer_key="user:1", uses=[(coupon.pk, Decimal(1))])

    def problem(coupon, customer=None):
        (rule,) = list_rules(code=coupon.code.lower(), merchant_ids=[], now=now, customer_key=customer)
        return rule.problem

    assert problem(make_coupon(is_active=False)) == "coupon_not_found"
    assert problem(make_coupon(starts_at=now + timedelta(1))) == "coupon_not_started"
    assert problem(make_coupon(ends_at=now)) == "coupon_expired"
    assert problem(spent) == "coupon_exhausted"
    assert problem(personal, "user:1") == "coupon_used_up"
    assert problem(personal, "user:2") is None
    assert problem(personal) is None
