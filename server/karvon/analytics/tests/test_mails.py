"""Reports, digests and reminders: to whom, in which language, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from karvon.accounts.models import Role, User
from karvon.accounts.tests.factories import make_user
from karvon.analytics import services
from karvon.analytics.models import CartSighting, PlatformDay
from karvon.analytics.tests.factories import walk
from karvon.carts.models import CartCheckpoint
from karvon.carts.owner import CartOwner
from karvon.carts.services import checkpoint_carts
from karvon.carts.tests.factories import fill_cart
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.notifications.models import Mail, MailKind, Preference
from karvon.notifications.refusals import make_refusal_link, refuse
from karvon.notifications.selectors import list_preferences
from karvon.notifications.services import set_preferences
from karvon.orders.models import Fulfilment
from karvon.orders.services import place_order
from karvon.orders.tests.factories import make_command, make_order, part_of

pytestmark = pytest.mark.django_db

# a Monday, nine in the morning in Tashkent
MONDAY = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)
SUNDAY = MONDAY.date() - timedelta(days=1)


def mails(kind: MailKind) -> dict[str, Mail]:
    return {each.recipient: each for each in Mail.objects.filter(kind=kind)}


def sell_on_sunday() -> Fulfilment:
    order = make_order()
    walk(part_of(order), to="delivered")
    Fulfilment.objects.update(business_date=SUNDAY)
    return part_of(order)


def mailed_owner(**fields: object) -> User:
    return make_user(role=Role.MERCHANT, email="owner@example.com", **fields)


def test_the_closed_day_is_reported_once_to_operators_and_to_who_sold():
    operator = make_user(role=Role.STAFF, email="operator@example.com", language="ru", is_active=True)
    make_user(role=Role.STAFF, email="gone@example.com", is_active=False)
    make_merchant(owner=make_user(role=Role.MERCHANT, email="idle@example.com"))
    part = sell_on_sunday()
    User.objects.filter(pk=part.merchant.owner_id).update(email="owner@example.com", language="uz")
    make_staff(part.merchant, user=make_user(email="manager@example.com"), role=StaffRole.MANAGER)
    make_staff(part.merchant, user=make_user(email="cook@example.com"), role=StaffRole.COOK)

    assert services.send_daily_reports(now=MONDAY) == 3
    assert services.send_daily_reports(now=MONDAY + timedelta(hours=1)) == 0

    sent = mails(MailKind.SALES_REPORT)
    assert set(sent) == {"operator@example.com", "owner@example.com", "manager@example.com"}
    assert "8 марта 2026" in sent[operator.email].subject
    assert part.merchant.name in sent["owner@example.com"].subject
    assert "20 000" in sent["owner@example.com"].text_body.replace("\xa0", " ")
    assert (
        f"/admin/reports/sales/2026-03-08/?merchant={part.merchant_id}" in sent["owner@example.com"].html_body
    )


def test_nothing_is_reported_before_the_hour():
    make_user(role=Role.STAFF, email="operator@example.com")
    sell_on_sunday()

    assert services.send_daily_reports(now=MONDAY - timedelta(hours=3)) == 0


@pytest.mark.parametrize("language", ["uz", "ru", "en", "ar"])
def test_mails_are_whole_in_every_language(language):
    owner = mailed_owner(language=language, first_name="<b>Aziz</b>")
    merchant = make_merchant(owner=owner, name="Tea & Co")
    variant = make_variant(merchant=merchant, units=3, threshold=5)
    order = make_order((variant, 1), customer=make_user())
    Fulfilment.objects.update(business_date=SUNDAY)
    leave_cart(owner, variant)

    made = services.send_daily_reports(now=MONDAY), services.send_low_stock_digests(now=MONDAY)
    assert (*made, services.remind_of_carts()) == (1, 1, 1)

    assert order.pk
    for mail in Mail.objects.filter(kind__in=("sales_report", "low_stock_digest", "cart_reminder")):
        direction = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in mail.html_body
        assert "Tea & Co" not in mail.html_body
        assert "<b>" not in mail.html_body
        assert "None" not in mail.text_body
        assert "/unsubscribe/" in mail.text_body
        assert "/unsubscribe/" in mail.html_body


def test_low_stock_comes_once_a_week_in_one_mail():
    merchant = make_merchant(owner=mailed_owner())
    for number in range(3):
        make_variant(merchant=merchant, units=number + 1, threshold=5)
    make_variant(merchant=merchant, units=50, threshold=5)

    assert services.send_low_stock_digests(now=MONDAY - timedelta(days=1)) == 0
    assert services.send_low_stock_digests(now=MONDAY) == 1
    assert services.send_low_stock_digests(now=MONDAY + timedelta(days=1)) == 0

    mail = mails(MailKind.LOW_STOCK_DIGEST)["owner@example.com"]
    assert mail.text_body.count("/ 5") == 3
    assert services.send_low_stock_digests(now=MONDAY + timedelta(days=7)) == 1


def leave_cart(user: User, variant: object, *, days: int = 8) -> CartCheckpoint:
    fill_cart((variant, 2), owner=CartOwner(user_id=user.pk))  # type: ignore[arg-type]
    checkpoint_carts()
    services.count_platform_days()
    CartCheckpoint.objects.filter(user=user).update(changed_at=clock.now() - timedelta(days=days))
    return CartCheckpoint.objects.get(user=user)


def test_a_cart_is_reminded_of_once():
    person = make_user(email="customer@example.com")
    leave_cart(person, make_variant(units=5))

    assert services.remind_of_carts() == 1
    assert services.remind_of_carts() == 0

    assert "2 × Thing" in mails(MailKind.CART_REMINDER)["customer@example.com"].text_body


def test_nobody_is_reminded_who_should_not_be(settings):
    variant = make_variant(units=50)
    fresh, refusing, gone, nameless = (
        make_user(email=f"{name}@example.com") for name in ("fresh", "refusing", "gone", "nameless")
    )
    leave_cart(fresh, variant, days=6)
    leave_cart(gone, variant, days=40)
    leave_cart(refusing, variant)
    refuse(refusing, MailKind.CART_REMINDER)
    leave_cart(nameless, variant)
    User.objects.filter(pk=nameless.pk).update(email=None, username="nameless")

    assert services.remind_of_carts() == 0

    settings.KARVON_CART_REMINDER_DAYS = 0
    leave_cart(make_user(email="never@example.com"), variant)
    assert services.remind_of_carts() == 0


def test_an_ordered_cart_is_never_reminded_of_and_counts_as_converted():
    person, variant = make_user(email="customer@example.com"), make_variant(units=5)
    leave_cart(person, variant)
    leave_cart(make_user(email="waiting@example.com"), variant, days=1)
    place_order(command=make_command(customer=person, owner=CartOwner(user_id=person.pk)))

    assert services.remind_of_carts() == 0
    drain_outbox()
    services.count_platform_days()
    services.count_platform_days()

    day = PlatformDay.objects.get(carts__gt=0)
    assert (day.carts, day.ordered_carts, day.registered) == (2, 1, 3)
    assert CartSighting.objects.filter(ordered_on__isnull=False).count() == 1


def test_a_link_ends_mails_of_its_kind_and_brings_them_back():
    person = make_user(email="person@example.com", language="ar")
    path = make_refusal_link(person, MailKind.SALES_REPORT).partition("://")[2].partition("/")[2]
    client = Client(enforce_csrf_checks=True)

    looked = client.get(f"/{path}")
    assert (looked.status_code, Preference.objects.count()) == (200, 0)
    assert 'dir="rtl"' in looked.content.decode()

    assert client.post(f"/{path}").status_code == 200
    assert client.post(f"/{path}").status_code == 200
    assert [each for each in list_preferences(person) if not each[2]] == [("mail", "reports", False)]

    client.post(f"/{path}", {"again": "1"})
    assert all(is_wanted for *_choice, is_wanted in list_preferences(person))


def test_what_is_declined_among_the_preferences_is_not_mailed():
    operator = make_user(role=Role.STAFF, email="operator@example.com")
    set_preferences(user=operator, wanted={("mail", "reports"): False})

    assert services.send_daily_reports(now=MONDAY) == 0

    set_preferences(user=operator, wanted={("mail", "reports"): True})
    assert services.send_daily_reports(now=MONDAY) == 1


def test_forged_links_lead_nowhere():
    person = make_user()
    good = (
        make_refusal_link(person, MailKind.STOCK_LOW).rstrip("/").rpartition("/")[2]
    )  # not one to be refused
    for token in ("x", good, good[:-1] + "x"):
        assert Client().post(f"/unsubscribe/{token}/").status_code == 404

    assert not Preference.objects.exists()
