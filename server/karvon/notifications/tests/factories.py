"""Orders and mails for tests of this room."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from karvon.accounts.models import User
from karvon.kernel import clock
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant
from karvon.notifications.models import Delivery, Mail, MailKind, Notification, Topic
from karvon.notifications.rendering import RenderedMail
from karvon.notifications.services import queue_mail
from karvon.notifications.services.announcing import tell
from karvon.orders.models import Fulfilment, FulfilmentFlow, Order, OrderDiscount, OrderLine, OrderState

_numbers = count(1)


def make_order(*, merchant: Merchant | None = None, **fields: Any) -> Order:
    """A confirmed order over two samsas with delivery: 2 × 12 000 − 4 000 + 10 000 = 30 000 UZS."""
    number = next(_numbers)
    merchant = merchant or make_merchant(name="Osh Markazi")
    branch = merchant.branches.get(is_default=True)
    amounts = {
        "subtotal": Decimal(24_000),
        "discount": Decimal(4_000),
        "delivery_fee": Decimal(10_000),
        "tax": Decimal(2_400),
        "total": Decimal(30_000),
    }
    defaults: dict[str, Any] = {
        "number": f"K-{number}",
        "contact_name": "Aziza",
        "contact_email": f"buyer{number}@example.com",
        "contact_phone": "+998901112233",
        "payment_method": "cash",
        "delivery_type": "delivery",
        "delivery_address": {"line1": "Amir Temur 1", "city": "Tashkent"},
        "state": OrderState.CONFIRMED,
        "language": "en",
        "currency": "UZS",
        "cart_key": f"cart-{number}",
        **amounts,
    }
    order = Order.objects.create(**(defaults | fields))
    part = Fulfilment.objects.create(
        order=order,
        merchant=merchant,
        branch=branch,
        number=f"F-{number}",
        business_date=clock.now().date(),
        flow=FulfilmentFlow.FOOD_DELIVERY,
        state=OrderState.CONFIRMED,
        placed_at=clock.now(),
        **amounts,
    )
    OrderLine.objects.create(
        order=order,
        fulfilment=part,
        title="Lamb samsa",
        sku="SAMSA-1",
        options={"size": "Large"},
        modifiers=[{"id": 1, "group": "Sauce", "name": "Hot sauce", "price_delta": "1000.00"}],
        quantity=2,
        unit_price=Decimal(12_000),
        subtotal=Decimal(24_000),
        discount=Decimal(4_000),
        tax=Decimal(2_400),
        total=Decimal(20_000),
    )
    OrderDiscount.objects.create(
        order=order, name="Navruz", kind="fixed", amount=Decimal(4_000), borne_by="merchant"
    )
    return order


def make_message(user: User, title: str = "Order K-1 is confirmed") -> Delivery:
    """An unread message in somebody's inbox."""
    source = str(uuid4())
    tell(user=user, topic=Topic.ORDERS, title=title, source=source)
    return Notification.objects.get(source=source).deliveries.get()


def make_mail(**fields: Any) -> Mail:
    """A queued mail."""
    rendered = RenderedMail(
        language="en",
        subject=fields.pop("subject", "Order K-1 is confirmed"),
        text="Thank you",
        html="<p>Thank you</p>",
    )
    mail = queue_mail(
        event_id=fields.pop("event_id", uuid4()),
        kind=MailKind.ORDER_CONFIRMATION,
        recipient=fields.pop("recipient", "aziza@example.com"),
        mail=rendered,
    )
    assert mail is not None
    if fields:
        Mail.objects.filter(pk=mail.pk).update(**fields)
        mail.refresh_from_db()
    return mail
