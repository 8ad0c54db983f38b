"""Which news becomes which mail, and what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.events import StockLow
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.notifications import handlers
from karvon.notifications.models import Mail, MailKind
from karvon.notifications.services import mail_about_order
from karvon.notifications.tests.factories import make_order
from karvon.orders.events import FulfilmentChanged, OrderCancelled, OrderConfirmed, OrderExpired, OrderPlaced
from karvon.orders.models import Order, OrderLine, OrderState, PaymentState

pytestmark = pytest.mark.django_db


def confirm(order: Order) -> Mail:
    mail = mail_about_order(order_id=order.pk, kind=MailKind.ORDER_CONFIRMATION, event_id=uuid4())
    assert mail is not None
    return mail


def change(order: Order, to_state: str) -> list[str]:
    """The kinds of the mails that a part's new state brings."""
    part = order.fulfilments.get()
    event = FulfilmentChanged(
        order_id=order.pk,
        fulfilment_id=part.pk,
        merchant_id=part.merchant_id,
        from_state="confirmed",
        to_state=to_state,
    )
    known = set(Mail.objects.values_list("pk", flat=True))
    handlers.mail_fulfilment_changed(event, event_id=uuid4())
    return list(Mail.objects.exclude(pk__in=known).values_list("kind", flat=True))


def test_a_confirmation_tells_all_of_the_order(settings):
    settings.KARVON_ORDER_URL = "https://shop.example/o/{id}?token={token}"
    order = make_order(note="Second entrance")

    mail = confirm(order)

    assert mail.recipient == order.contact_email
    assert mail.subject == f"Order {order.number} is confirmed"
    for body in (mail.text_body, mail.html_body):
        for shown in (
            "Aziza", "Osh Markazi", "Lamb samsa", "Large, Hot sauce", "UZS\u00a020,000.00", "UZS\u00a024,000.00",
            "Navruz", "-UZS\u00a04,000.00", "UZS\u00a010,000.00", "UZS\u00a02,400.00", "UZS\u00a030,000.00", "Cash",
            "Amir Temur 1, Tashkent", "Second entrance",
        ):  # fmt: skip
            assert shown in body, shown
    assert f"https://shop.example/o/{order.pk}?token={order.token}" in mail.text_body
    assert f"https://shop.example/o/{order.pk}?token={order.token}" in mail.html_body


@pytest.mark.parametrize(
    ("language", "subject", "total", "direction"),
    [
        ("en", "is confirmed", "UZS\u00a030,000.00", "ltr"),
        ("uz", "tasdiqlandi", "30\xa0000,00\xa0soʻm", "ltr"),
        ("ru", "подтверждён", "30\xa0000,00\xa0UZS", "ltr"),
        ("ar", "تم تأكيد", "30,000.00\xa0UZS", "rtl"),
        ("xx", "is confirmed", "UZS\u00a030,000.00", "ltr"),
    ],
)
def test_mails_speak_the_customers_language(language, subject, total, direction):
    mail = confirm(make_order(language=language))

    assert subject in mail.subject
    assert total in mail.text_body
    assert total in mail.html_body
    assert f'dir="{direction}"' in mail.html_body
    assert "%(" not in mail.text_body + mail.html_body


def test_times_are_the_shops():
    order = make_order(merchant=make_merchant(timezone="Asia/Tashkent"))
    Order.objects.filter(pk=order.pk).update(placed_at=datetime(2026, 3, 1, 20, 30, tzinfo=UTC))

    assert "2 March 2026, 01:30" in confirm(order).text_body


def test_names_cannot_write_headers_or_markup():
    merchant = make_merchant(name="Evil\r\nBcc: everyone@example.com <b>bold</b>")
    order = make_order(merchant=merchant, contact_name="A\r\nSubject: x <script>alert(1)</script>")

    assert change(order, OrderState.REJECTED) == [MailKind.ORDER_REJECTED]

    mail = Mail.objects.get()
    assert "\n" not in mail.subject
    assert mail.subject.startswith("Evil Bcc: everyone@example.com <b>bold</b> cannot fulfil order")
    assert "<script>" not in mail.html_body
    assert "<b>" not in mail.html_body


def test_to_whom(db):
    customer = make_user(email="account@example.com", first_name="Bek")
    assert confirm(make_order(customer=customer)).recipient.startswith("buyer")
    assert confirm(make_order(customer=customer, contact_email="")).recipient == "account@example.com"
    for order in (make_order(contact_email=""), make_order(contact_email="not an address")):
        assert mail_about_order(order_id=order.pk, kind=MailKind.ORDER_CONFIRMATION, event_id=uuid4()) is None
    assert mail_about_order(order_id=1, kind=MailKind.ORDER_CONFIRMATION, event_id=uuid4()) is None


def test_one_mail_per_event_kind_and_recipient():
    order, event_id = make_order(), uuid4()

    for _ in range(3):
        handlers.mail_order_confirmation(OrderConfirmed(order_id=order.pk), event_id=event_id)
    handlers.mail_order_confirmation(OrderConfirmed(order_id=order.pk), event_id=uuid4())

    assert Mail.objects.count() == 2


def test_only_unpaid_orders_are_asked_to_pay():
    deadline = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
    paid_on_delivery = make_order()
    unpaid = make_order(state=OrderState.PENDING, payment_method="payme", payment_deadline=deadline)

    for order in (paid_on_delivery, unpaid):
        handlers.mail_order_received(OrderPlaced(order_id=order.pk), event_id=uuid4())

    mail = Mail.objects.get()
    assert (mail.kind, mail.recipient) == (MailKind.ORDER_RECEIVED, unpaid.contact_email)
    assert "2 March 2026, 01:30" in mail.text_body


@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ({"state": OrderState.CANCELLED}, [MailKind.ORDER_CANCELLED]),
        ({"state": OrderState.CANCELLED, "payment_state": PaymentState.EXPIRED}, [MailKind.ORDER_CANCELLED]),
        ({"state": OrderState.REJECTED}, [MailKind.ORDER_REJECTED]),
    ],
)
def test_an_order_called_off_is_told_once(fields, kinds):
    order = make_order(**fields)

    change(order, order.state)
    handlers.mail_order_cancelled(OrderCancelled(order_id=order.pk), event_id=uuid4())
    if "payment_state" in fields:
        handlers.mail_order_expired(OrderExpired(order_id=order.pk), event_id=uuid4())

    assert list(Mail.objects.values_list("kind", flat=True)) == kinds


@pytest.mark.parametrize(
    ("delivery_type", "to_state", "kinds"),
    [
        ("delivery", OrderState.OUT_FOR_DELIVERY, [MailKind.ORDER_ON_ITS_WAY]),
        ("delivery", OrderState.SHIPPED, [MailKind.ORDER_ON_ITS_WAY]),
        ("delivery", OrderState.DELIVERED, [MailKind.ORDER_DELIVERED]),
        ("delivery", OrderState.REJECTED, [MailKind.ORDER_REJECTED]),
        ("delivery", OrderState.READY, []),
        ("pickup", OrderState.READY, [MailKind.ORDER_READY]),
        ("pickup", OrderState.PREPARING, []),
        ("delivery", OrderState.CANCELLED, [MailKind.ORDER_REJECTED]),
    ],
)
def test_steps_that_a_customer_waits_for(delivery_type, to_state, kinds):
    assert change(make_order(delivery_type=delivery_type), to_state) == kinds


def test_where_to_collect():
    merchant = make_merchant()
    merchant.branches.update(address_en="Navoi 5", city="Tashkent", phone="+998711112233")
    order = make_order(merchant=merchant, delivery_type="pickup")

    change(order, OrderState.READY)

    assert "Navoi 5, Tashkent, +998711112233" in Mail.objects.get().text_body


def test_lines_taken_off_are_not_shown():
    order = make_order()
    OrderLine.objects.filter(order=order).update(cancelled_quantity=2)

    assert "samsa" not in confirm(order).text_body


def test_low_stock_goes_to_owner_and_managers():
    merchant = make_merchant()
    type(merchant.owner).objects.filter(pk=merchant.owner_id).update(language="ru")
    manager = make_staff(merchant, user=make_user(language="ar")).user
    make_staff(merchant, role=StaffRole.CASHIER)
    make_staff(merchant, user=make_user(email=None, phone="+998901234567"))
    make_staff(merchant, is_active=False)
    make_staff(make_merchant())
    variant = make_variant(merchant=merchant, units=2, threshold=3)
    level = level_of(variant)
    event = StockLow(
        level_id=level.pk,
        variant_id=variant.pk,
        branch_id=level.branch_id,
        merchant_id=merchant.pk,
        available=2,
        threshold=3,
    )

    event_id = uuid4()
    for _ in range(2):
        handlers.mail_stock_low(event, event_id=event_id)

    mails = {mail.recipient: mail for mail in Mail.objects.all()}
    assert mails.keys() == {merchant.owner.email, manager.email}
    assert (mails[merchant.owner.email].language, mails[manager.email].language) == ("ru", "ar")
    assert f"/admin/inventory/stocklevel/{level.pk}/change/" in mails[manager.email].html_body
    assert variant.sku in mails[manager.email].subject
