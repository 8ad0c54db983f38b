"""Which news of other rooms becomes mail."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.db.models import Q

from karvon.accounts.events import PasswordResetRequested
from karvon.documents.services import issue_credit_note
from karvon.inventory.events import StockLow
from karvon.kernel.events import handles
from karvon.ledger.events import BankDetailsSet, PayoutChanged
from karvon.ledger.models import PayoutState
from karvon.merchants.events import KycDecided, MerchantStateChanged, StaffInvited
from karvon.notifications import services
from karvon.notifications.models import MailKind
from karvon.orders.events import (
    FulfilmentChanged,
    MoneyMoved,
    OrderCancelled,
    OrderConfirmed,
    OrderExpired,
    OrderPlaced,
)
from karvon.orders.models import DeliveryType, FulfilmentState, Order, OrderState, PaymentState
from karvon.payments.events import PaymentNeedsAttention, SurplusMoved

# the steps of a part that a customer waits for; the others are on the tracking page
TOLD: Final[Mapping[str, MailKind]] = MappingProxyType(
    {
        FulfilmentState.OUT_FOR_DELIVERY: MailKind.ORDER_ON_ITS_WAY,
        FulfilmentState.SHIPPED: MailKind.ORDER_ON_ITS_WAY,
        FulfilmentState.DELIVERED: MailKind.ORDER_DELIVERED,
        FulfilmentState.REJECTED: MailKind.ORDER_REJECTED,
    }
)


# drafts are the operators' own; an owner hears of a payout when it is let go
ALREADY_PAID: Final = "already_paid"
TOLD_PAYOUTS: Final = frozenset({PayoutState.APPROVED, PayoutState.PAID, PayoutState.FAILED})


@handles(OrderPlaced, name="mail.order_received", queue="emails")
def mail_order_received(event: OrderPlaced, *, event_id: UUID) -> None:
    """Only orders that wait for a payment: the others are confirmed in the same breath."""
    if Order.objects.filter(
        pk=event.order_id, state=OrderState.PENDING, payment_deadline__isnull=False
    ).exists():
        services.mail_about_order(order_id=event.order_id, kind=MailKind.ORDER_RECEIVED, event_id=event_id)


@handles(OrderConfirmed, name="mail.order_confirmation", queue="emails")
def mail_order_confirmation(event: OrderConfirmed, *, event_id: UUID) -> None:
    """What was ordered, what it costs and where to follow it."""
    services.mail_about_order(order_id=event.order_id, kind=MailKind.ORDER_CONFIRMATION, event_id=event_id)


@handles(OrderCancelled, name="mail.order_cancelled", queue="emails")
def mail_order_cancelled(event: OrderCancelled, *, event_id: UUID) -> None:
    """By whomever it was cancelled. What expired or was refused is told by news of its own."""
    told_otherwise = Q(payment_state=PaymentState.EXPIRED) | Q(state=OrderState.REJECTED)
    if Order.objects.filter(told_otherwise, pk=event.order_id).exists():
        return
    services.mail_about_order(order_id=event.order_id, kind=MailKind.ORDER_CANCELLED, event_id=event_id)


@handles(OrderExpired, name="mail.order_expired", queue="emails")
def mail_order_expired(event: OrderExpired, *, event_id: UUID) -> None:
    """Not paid in time is cancelled too."""
    services.mail_about_order(order_id=event.order_id, kind=MailKind.ORDER_CANCELLED, event_id=event_id)


@handles(FulfilmentChanged, name="mail.fulfilment_changed", queue="emails")
def mail_fulfilment_changed(event: FulfilmentChanged, *, event_id: UUID) -> None:
    """On its way, ready to collect, handed over, refused."""
    kind = TOLD.get(event.to_state)
    if event.to_state == FulfilmentState.READY and _is_collected(event.order_id):
        kind = MailKind.ORDER_READY
    if event.to_state == FulfilmentState.CANCELLED and _goes_on(event.order_id):
        # a part of it is called off; when all of it is, the cancelled order is the news
        kind = MailKind.ORDER_REJECTED
    if kind is not None:
        services.mail_about_part(
            order_id=event.order_id, fulfilment_id=event.fulfilment_id, kind=kind, event_id=event_id
        )


@handles(MoneyMoved, name="mail.order_refunded", queue="emails")
def mail_order_refunded(event: MoneyMoved, *, event_id: UUID) -> None:
    """Money went back to the customer; the credit note, written first, goes with the mail."""
    if event.kind == "refunded" and issue_credit_note(event=event, event_id=event_id) is not None:
        services.mail_about_part(
            order_id=event.order_id,
            fulfilment_id=event.fulfilment_id,
            kind=MailKind.ORDER_REFUNDED,
            event_id=event_id,
            refunded=Decimal(event.amount),
        )


@handles(SurplusMoved, name="mail.payment_returned", queue="emails")
def mail_payment_returned(event: SurplusMoved, *, event_id: UUID) -> None:
    """Money came in that the order did not need: its customer hears at once that it goes back, and so, when it only came
    too late, do the shops that would have sold.
    """
    if event.kind != "received":
        return
    services.mail_about_order(
        order_id=event.order_id,
        kind=MailKind.PAYMENT_RETURNED,
        event_id=event_id,
        refunded=Decimal(event.amount),
        why=event.reason,
    )
    if event.reason != ALREADY_PAID:
        services.tell_sellers_of_late_money(event, event_id=event_id)


@handles(PaymentNeedsAttention, name="mail.payment_attention", queue="emails")
def mail_payment_attention(event: PaymentNeedsAttention, *, event_id: UUID) -> None:
    """To the operators who see such things; and to the shop whose own account has the money that is to go back."""
    services.tell_operators_of_payment(event)
    services.tell_shop_to_give_back(event)


def _is_collected(order_id: int) -> bool:
    """Whether the customer comes for it."""
    return Order.objects.filter(pk=order_id, delivery_type=DeliveryType.PICKUP).exists()


def _goes_on(order_id: int) -> bool:
    called_off = (OrderState.CANCELLED, OrderState.REJECTED)
    return Order.objects.filter(pk=order_id).exclude(state__in=called_off).exists()


@handles(PasswordResetRequested, name="send_password_reset_email", queue="emails")
def send_password_reset_email(event: PasswordResetRequested, *, event_id: UUID) -> None:
    """To whoever has the address, if anybody has."""
    services.mail_password_reset(email=event.email, event_id=event_id)


@handles(StockLow, name="mail.stock_low", queue="emails")
def mail_stock_low(event: StockLow, *, event_id: UUID) -> None:
    """To the merchant's owner and managers."""
    services.mail_low_stock(event, event_id=event_id)


@handles(StaffInvited, name="mail.staff_invited", queue="emails")
def mail_staff_invited(event: StaffInvited, *, event_id: UUID) -> None:
    """The link that takes the place."""
    services.mail_invitation(invitation_id=event.invitation_id, event_id=event_id)


@handles(KycDecided, name="mail.kyc_decided", queue="emails")
def mail_kyc_decided(event: KycDecided, *, event_id: UUID) -> None:
    """To the owner."""
    services.mail_kyc_decision(merchant_id=event.merchant_id, step_id=event.step_id, event_id=event_id)


@handles(MerchantStateChanged, name="mail.merchant_state", queue="emails")
def mail_merchant_state_changed(event: MerchantStateChanged, *, event_id: UUID) -> None:
    """To the owner and the managers."""
    services.mail_merchant_state(merchant_id=event.merchant_id, step_id=event.step_id, event_id=event_id)


@handles(PayoutChanged, name="mail.payout_changed", queue="emails")
def mail_payout_changed(event: PayoutChanged, *, event_id: UUID) -> None:
    """To the owner: on its way, paid, or back on the balance."""
    if event.to_state in TOLD_PAYOUTS:
        services.mail_payout(payout_id=event.payout_id, state=event.to_state, event_id=event_id)


@handles(BankDetailsSet, name="mail.bank_details_set", queue="emails")
def mail_bank_details_set(event: BankDetailsSet, *, event_id: UUID) -> None:
    """To the owner, who may not have been the one."""
    services.mail_bank_details(merchant_id=event.merchant_id, event_id=event_id)
