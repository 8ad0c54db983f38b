"""Carts that somebody filled and left: a reminder, once, before they are removed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import translation

from karvon.accounts.models import User
from karvon.analytics import mails
from karvon.analytics.models import CartSighting
from karvon.carts.lines import CartLine
from karvon.carts.models import CartCheckpoint
from karvon.carts.store import time_to_live
from karvon.catalog.models import Variant
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.notifications.models import MailKind
from karvon.notifications.refusals import has_refused, make_refusal_link
from karvon.notifications.rendering import render_mail, speak
from karvon.notifications.services import queue_mail

BATCH = 1000


def remind_of_carts(*, now: datetime | None = None) -> int:
    """A mail to each customer whose cart was left KARVON_CART_REMINDER_DAYS ago; how many.

    Not to guests, nor to who has no open account with an address or refused it; not about a cart that became an order, is
    empty, or was reminded of before. 0 days: nobody is reminded.
    """
    if not settings.KARVON_CART_REMINDER_DAYS:
        return 0
    now = now or clock.now()
    reminded = CartSighting.objects.filter(reminded_at__isnull=False).values("cart_id")
    left = (
        _left_carts(now)
        .exclude(cart_id__in=reminded)
        .filter(user__is_active=True, user__email__isnull=False)
        .order_by("changed_at", "cart_id")
    )
    return sum(_remind(cart_id, now) for cart_id in list(left.values_list("cart_id", flat=True)[:BATCH]))


def _left_carts(now: datetime) -> QuerySet[CartCheckpoint]:
    """Customers' carts that are there still, and were left long enough ago."""
    return CartCheckpoint.objects.filter(
        user__isnull=False,
        version__gt=F("consumed_version"),
        changed_at__lte=now - timedelta(days=settings.KARVON_CART_REMINDER_DAYS),
        changed_at__gt=now - time_to_live(),
    )


@transactional
def _remind(cart_id: UUID, now: datetime) -> bool:
    # an order of this cart marks the same row: whoever comes first, the other sees it
    cart = _left_carts(now).select_for_update(of=("self",)).select_related("user").filter(pk=cart_id).first()
    if cart is None or cart.user is None or has_refused(cart.user, MailKind.CART_REMINDER):
        return False
    goods = _goods_of(cart, cart.user)
    seen = CartSighting.objects.filter(pk=cart_id)
    if not goods or not seen.filter(reminded_at=None, ordered_on=None).update(reminded_at=now):
        return False
    _send(cart, cart.user, goods)
    return True


def _goods_of(cart: CartCheckpoint, user: User) -> list[tuple[str, int]]:
    """Titles and quantities of what is still on sale, in the order in which it was put there."""
    lines = [
        CartLine.unpack(each["id"], each["packed"], each["quantity"])
        for each in cart.document.get("lines", ())
    ]
    with translation.override(speak(user.language)):
        variants = Variant.objects.select_related("product").in_bulk({line.variant_id for line in lines})
        return [
            (variants[line.variant_id].product.title, line.quantity)
            for line in sorted(lines, key=lambda each: (each.added_ms, each.id))
            if line.variant_id in variants and variants[line.variant_id].product.deleted_at is None
        ]


def _send(cart: CartCheckpoint, user: User, goods: list[tuple[str, int]]) -> None:
    language = speak(user.language)
    with translation.override(language):
        context = mails.show_cart(
            user.first_name, goods, until=cart.changed_at + time_to_live(), language=language
        )
    context["refuse_url"] = make_refusal_link(user, MailKind.CART_REMINDER)
    mail = render_mail(MailKind.CART_REMINDER, language=language, context=context)
    queue_mail(event_id=cart.cart_id, kind=MailKind.CART_REMINDER, recipient=user.email or "", mail=mail)
