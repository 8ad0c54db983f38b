"""A customer begins to pay: what is asked of the provider is asked outside of any transaction, and only once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.orders.dues import sum_dues
from karvon.orders.errors import NotPayable
from karvon.orders.locks import lock_order
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.models.order import PAID_ON_DELIVERY
from karvon.orders.selectors import get_placed_order
from karvon.orders.services.settling import read_dues
from karvon.orders.states import CALLED_OFF
from karvon.payments.accounts import account_for_order
from karvon.payments.booking.attempts import hold_while_paying
from karvon.payments.booking.locking import lock_payment
from karvon.payments.booking.steps import can_step, take_step
from karvon.payments.errors import (
    AmountOutOfRange,
    CurrencyNotSupported,
    ProviderRefused,
    ProviderUnavailable,
)
from karvon.payments.models import Payment, PaymentStatus
from karvon.payments.outside import asking
from karvon.payments.protocol import Account, Intent, NextStep, Provider
from karvon.payments.registry import find_provider

if TYPE_CHECKING:
    from karvon.accounts.models import User


def begin_payment(
    *, order_id: int, provider: str, payer: User, return_url: str = "", now: datetime | None = None
) -> Payment:
    """Let the caller pay an order of their own; `next_step` of the payment says how it goes on. Begun again with the same
    provider it is the same payment and, as long as that is open, the same page to pay on.

    Raises OrderNotFound for anybody else's order, NotPayable (409) for one that waits for no payment, ProviderUnknown,
    CurrencyNotSupported, AmountOutOfRange (409), ProviderUnavailable (503), ProviderRefused (502), ValidationFailed for a
    `return_url` that is not of this shop.
    """
    order = get_placed_order(order_id, payer)
    return begin_payment_of(order=order, provider=provider, return_url=return_url, now=now)


def begin_payment_of(
    *, order: Order, provider: str, return_url: str = "", now: datetime | None = None
) -> Payment:
    """The same for an order that is known to be the caller's."""
    now = now or clock.now()
    way = find_provider(provider)
    _check_return_url(return_url)
    account = account_for_order(way, order.pk)
    payment, intent = _open(order.pk, way, account, return_url, now)
    if payment.next_step and (payment.expires_at is None or payment.expires_at > now):
        return payment
    with asking(way):
        step = way.begin(account, intent)
    return _note_step(payment, step, now)


def begin_as_placed(*, order_id: int, now: datetime | None = None) -> Payment | None:
    """Begin to pay an order that was just placed, the way that it was placed to be paid. None where that needs no provider,
    or where the provider does not take it now: the order stands, and paying can be begun later.
    """
    order = Order.objects.get(pk=order_id)
    if order.payment_method in PAID_ON_DELIVERY:
        return None
    try:
        return begin_payment_of(order=order, provider=order.payment_method, now=now)
    except (NotPayable, CurrencyNotSupported, AmountOutOfRange, ProviderUnavailable, ProviderRefused):
        return None


@transactional
def _open(
    order_id: int, way: Provider, account: Account, return_url: str, now: datetime
) -> tuple[Payment, Intent]:
    """The payment that waits for this order and provider, or a new one."""
    order, parts = lock_order(order_id)
    due = sum_dues(read_dues(order, parts).values()).due
    if order.payment_state != PaymentState.PENDING or order.state in CALLED_OFF or not due:
        raise NotPayable
    if way.slug in PAID_ON_DELIVERY and order.state == OrderState.PENDING:
        raise NotPayable  # it was placed to be paid before
    _check_limits(way, due, order.currency)
    waiting = Payment.objects.select_for_update().filter(
        order=order, provider=way.slug, account=account.pk, amount=due, state__in=_REUSED
    )
    payment = waiting.order_by("-created_at", "-pk").first()
    if payment is not None and payment.expires_at is not None and payment.expires_at <= now:
        if can_step(payment, PaymentStatus.EXPIRED):
            take_step(payment, PaymentStatus.EXPIRED)
        payment = None
    if payment is None:
        payment = Payment.objects.create(
            order=order, provider=way.slug, account_id=account.pk, amount=due, currency=order.currency,
            return_url=return_url, created_at=now,
        )  # fmt: skip
    hold_while_paying(order, way.slug, now)
    return payment, _intent(payment, order)


_REUSED = (PaymentStatus.CREATED, PaymentStatus.PENDING, PaymentStatus.FAILED)


def _intent(payment: Payment, order: Order) -> Intent:
    back = payment.return_url or f"{settings.KARVON_PUBLIC_URL}/pay/return/{order.token}/"
    return Intent(
        payment_id=payment.pk,
        order_id=order.pk,
        order_number=order.number,
        amount=payment.amount,
        currency=payment.currency,
        # what the provider must not do twice, however often we have to ask
        key=f"order-{order.pk}-payment-{payment.pk}",
        email=order.contact_email,
        language=order.language,
        return_url=back,
        cancel_url=back,
        expires_at=None,
        reference=payment.reference,
    )


def _check_limits(way: Provider, due: Decimal, currency: str) -> None:
    able = way.capabilities
    if able.currencies is not None and currency not in able.currencies:
        raise CurrencyNotSupported
    lowest, highest = able.minimum.get(currency), able.maximum.get(currency)
    if (lowest is not None and due < lowest) or (highest is not None and due > highest):
        raise AmountOutOfRange


def _check_return_url(url: str) -> None:
    """Only back to this shop's own pages and apps: a provider's page must not send customers to strangers."""
    if url and not f"{url}/".startswith(tuple(settings.KARVON_RETURN_URLS)):
        raise ValidationFailed(details={"return_url": [_("This is no address of this shop.")]})


@transactional
def _note_step(payment: Payment, step: NextStep, now: datetime) -> Payment:
    locked = lock_payment(payment)
    payment = locked.payment
    payment.reference = step.reference or payment.reference
    payment.expires_at = step.expires_at
    payment.next_step = {"kind": step.kind, "url": step.url, "data": dict(step.data)}
    fields = ("reference", "expires_at", "next_step")
    if can_step(payment, PaymentStatus.PENDING):
        take_step(payment, PaymentStatus.PENDING, fields=fields)
    else:
        # its money came in while we waited for the answer
        payment.save(update_fields=[*fields, "updated_at"])
    return payment
