"""What news becomes which mail, to whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import translation

from karvon.accounts.models import User
from karvon.inventory.models import StockLevel
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.formats import format_amount
from karvon.merchants.models import Merchant, MerchantStaff, StaffRole
from karvon.notifications.models import Mail, MailKind, Topic
from karvon.notifications.order_mails import Addressee, build_order_context, find_addressee, find_order
from karvon.notifications.private_links import PLACEHOLDER
from karvon.notifications.rendering import render_mail, speak
from karvon.notifications.services.announcing import is_wanted, tell
from karvon.notifications.services.queueing import queue_mail
from karvon.notifications.stock_mails import build_stock_context

if TYPE_CHECKING:
    from karvon.inventory.events import StockLow
    from karvon.notifications.rendering import RenderedMail
    from karvon.orders.models import Order


ONE_PER = timedelta(minutes=1)


@transactional
def mail_about_order(
    *,
    order_id: int,
    kind: MailKind,
    event_id: UUID,
    refunded: Decimal | None = None,
    why: str = "",
) -> Mail | None:
    """One mail to whoever placed the order; None when there is no order or no address. `refunded` is what goes back to the
    customer, and `why` the reason's code.
    """
    order = find_order(order_id)
    addressee = find_addressee(order) if order is not None else None
    if order is None or addressee is None:
        return None
    context = build_order_context(order, addressee)
    if refunded is not None:
        context["refunded"] = format_amount(refunded, order.currency, addressee.language)
    context["why"] = why
    mail = render_mail(kind, language=addressee.language, context=context)
    return _tell_customer(order, addressee, kind, mail, context, event_id, about_id=order.pk)


@transactional
def mail_about_part(
    *,
    order_id: int,
    fulfilment_id: int,
    kind: MailKind,
    event_id: UUID,
    refunded: Decimal | None = None,
) -> Mail | None:
    """As `mail_about_order`, about what one branch hands over; `refunded` is what went back to the customer for it."""
    order = find_order(order_id)
    addressee = find_addressee(order) if order is not None else None
    if order is None or addressee is None:
        return None
    part = next((one for one in order.fulfilments.all() if one.pk == fulfilment_id), None)
    if part is None:
        return None
    context = build_order_context(order, addressee, part=part)
    if refunded is not None:
        context["refunded"] = format_amount(refunded, order.currency, addressee.language)
    mail = render_mail(kind, language=addressee.language, context=context)
    return _tell_customer(order, addressee, kind, mail, context, event_id, about_id=part.pk)


def _tell_customer(
    order: Order,
    addressee: Addressee,
    kind: MailKind,
    mail: RenderedMail,
    context: dict[str, Any],
    event_id: UUID,
    *,
    about_id: int,
) -> Mail | None:
    """By mail, and in the inbox of those who have an account; both unless the account declines it."""
    customer = order.customer
    if customer is not None:
        tell(
            user=customer,
            topic=Topic.ORDERS,
            title=mail.subject,
            body=f"{context['merchant']} · {context.get('refunded', context['total'])}",
            source=f"{event_id}:{kind}",
            data={"order": order.pk, "number": order.number},
        )
        if not is_wanted(user_id=customer.pk, channel="mail", topic=Topic.ORDERS):
            return None
    if not addressee.email:
        return None
    return queue_mail(event_id=event_id, kind=kind, recipient=addressee.email, mail=mail, about_id=about_id)


@transactional
def mail_low_stock(event: StockLow, *, event_id: UUID) -> list[Mail]:
    """A mail to the merchant's owner and each manager with an address, in their own languages."""
    levels = StockLevel.objects.select_related("variant__product", "branch__merchant")
    level = levels.filter(pk=event.level_id).first()
    if level is None:
        return []
    mails = []
    for person in people_told(level.branch.merchant):
        with translation.override(speak(person.language)):
            context = build_stock_context(level, event, person)
        mail = render_mail(MailKind.STOCK_LOW, language=person.language, context=context)
        tell(
            user=person,
            topic=Topic.STOCK,
            title=mail.subject,
            body=f"{context['merchant']} · {context['branch']}",
            source=f"{event_id}:{MailKind.STOCK_LOW}:{person.pk}",
            data={"level": level.pk, "variant": level.variant_id},
        )
        if person.email and is_wanted(user_id=person.pk, channel="mail", topic=Topic.STOCK):
            mails.append(
                queue_mail(event_id=event_id, kind=MailKind.STOCK_LOW, recipient=person.email, mail=mail)
            )
    return [mail for mail in mails if mail is not None]


@transactional
def mail_password_reset(*, email: str, event_id: UUID, now: datetime | None = None) -> Mail | None:
    """A link to set a new password, to the open account of this address; None when there is none, and for all but the
    first request of a minute.
    """
    # under the person's lock, so that of several requests at once one is the first
    people = User.objects.select_for_update(no_key=True).alias(email_key=Lower("email"))
    user = people.filter(email_key=email.lower(), is_active=True).first()
    if user is None or not user.email:
        return None
    since = (now or clock.now()) - ONE_PER
    if Mail.objects.filter(user=user, kind=MailKind.PASSWORD_RESET, created_at__gt=since).exists():
        return None
    context = {
        "shop": settings.KARVON_SHOP_NAME,
        "name": " ".join(user.first_name.split()),
        "email": user.email,
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "url": PLACEHOLDER,
    }
    mail = render_mail(MailKind.PASSWORD_RESET, language=user.language, context=context)
    return queue_mail(
        event_id=event_id, kind=MailKind.PASSWORD_RESET, recipient=user.email, mail=mail, user=user
    )


def people_in_charge(merchant: Merchant) -> QuerySet[User]:
    """The owner and the managers who have an email and an open account, each address once."""
    return people_told(merchant).filter(email__isnull=False)


def people_told(merchant: Merchant) -> QuerySet[User]:
    """The owner and the managers whose account is open."""
    managers = MerchantStaff.objects.filter(merchant=merchant, role=StaffRole.MANAGER, is_active=True)
    people = User.objects.filter(is_active=True)
    concerned = people.filter(pk__in=managers.values("user")) | people.filter(pk=merchant.owner_id)
    return concerned.distinct().order_by("pk")
