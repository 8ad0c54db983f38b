"""Which entries a piece of news makes. Pure: nothing is read, so the same news makes the same entries whenever it arrives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from karvon.ledger.models import AccountKind, EntryLine, TransactionKind
from karvon.ledger.posting import Leg, Posting, Pot, payable
from karvon.orders.events import MoneyMoved
from karvon.orders.models.order import PAID_ON_DELIVERY
from karvon.payments.events import SurplusMoved

KINDS = {
    "paid": TransactionKind.SALE,
    "called_off": TransactionKind.CALLED_OFF,
    "refunded": TransactionKind.REFUND,
}


@dataclass(frozen=True, slots=True)
class _Amounts:
    amount: Decimal
    goods: Decimal
    discount: Decimal
    delivery: Decimal
    promotion: Decimal
    commission: Decimal


def posting_of(event: MoneyMoved, *, key: str) -> Posting:
    """The transaction that a move of money becomes."""
    amounts = _Amounts(
        *(Decimal(getattr(event, name)) for name in _Amounts.__dataclass_fields__)  # each is a decimal string
    )
    return Posting(
        key=key,
        kind=KINDS[event.kind],
        currency=event.currency,
        at=datetime.fromisoformat(event.at),
        legs=tuple(_LEGS[event.kind](event, amounts)),
        merchant_id=event.merchant_id,
        order_id=event.order_id,
        fulfilment_id=event.fulfilment_id,
    )


def opening_of(event: MoneyMoved, *, to_refund: Decimal) -> Posting:
    """The standing of a part that was settled before the ledger: its sale as it is now, and what its customer is owed."""
    posting = posting_of(event, key=f"part:{event.fulfilment_id}")
    legs = [
        Leg(_clearing(event), EntryLine.PAYMENT, to_refund),
        Leg(Pot(AccountKind.REFUNDS_DUE, event.currency), EntryLine.REFUND, -to_refund),
    ]
    if _is_merchants(event):
        legs += [
            Leg(payable(event.merchant_id, event.currency), EntryLine.AT_THE_DOOR, to_refund),
            Leg(_clearing(event), EntryLine.AT_THE_DOOR, -to_refund),
        ]
    return replace(posting, legs=(*posting.legs, *legs))


def _paid(event: MoneyMoved, amounts: _Amounts) -> list[Leg]:
    """The customer's money came in; the merchant has earned, the platform takes its commission."""
    clearing = _clearing(event)
    legs = [Leg(clearing, EntryLine.PAYMENT, amounts.amount), *_earned(event, amounts, sign=1)]
    if _is_merchants(event):
        # the merchant's own people took it at the door, or its own account with a provider
        legs += [
            Leg(payable(event.merchant_id, event.currency), EntryLine.AT_THE_DOOR, amounts.amount),
            Leg(clearing, EntryLine.AT_THE_DOOR, -amounts.amount),
        ]
    return legs


def _called_off(event: MoneyMoved, amounts: _Amounts) -> list[Leg]:
    """What does not stand any more is taken back from everybody, and is owed to the customer."""
    due = Leg(Pot(AccountKind.REFUNDS_DUE, event.currency), EntryLine.REFUND, -amounts.amount)
    return [due, *_earned(event, amounts, sign=-1)]


def _refunded(event: MoneyMoved, amounts: _Amounts) -> list[Leg]:
    """The customer has the money back: from the platform, or from the merchant that took it at the door."""
    clearing = _clearing(event)
    legs = [
        Leg(Pot(AccountKind.REFUNDS_DUE, event.currency), EntryLine.REFUND, amounts.amount),
        Leg(clearing, EntryLine.REFUND, -amounts.amount),
    ]
    if _is_merchants(event):
        legs += [
            Leg(payable(event.merchant_id, event.currency), EntryLine.AT_THE_DOOR, -amounts.amount),
            Leg(clearing, EntryLine.AT_THE_DOOR, amounts.amount),
        ]
    return legs


def _earned(event: MoneyMoved, amounts: _Amounts, *, sign: int) -> list[Leg]:
    owed = payable(event.merchant_id, event.currency)
    commission = Pot(AccountKind.COMMISSION, event.currency, event.merchant_id)
    promotions = Pot(AccountKind.PROMOTIONS, event.currency)
    return [
        Leg(owed, EntryLine.GOODS, -sign * amounts.goods),
        Leg(owed, EntryLine.DISCOUNT, sign * amounts.discount),
        Leg(owed, EntryLine.DELIVERY, -sign * amounts.delivery),
        Leg(promotions, EntryLine.PROMOTION, sign * amounts.promotion),
        Leg(owed, EntryLine.COMMISSION, sign * amounts.commission),
        Leg(commission, EntryLine.COMMISSION, -sign * amounts.commission),
    ]


def surplus_posting(event: SurplusMoved, *, key: str) -> Posting:
    """The transaction of money that came in without need, or went back: owed to the customer from the first moment."""
    amount = Decimal(event.amount) if event.kind == "received" else -Decimal(event.amount)
    line = EntryLine.PAYMENT if event.kind == "received" else EntryLine.REFUND
    return Posting(
        key=key,
        kind=TransactionKind.SURPLUS,
        currency=event.currency,
        at=datetime.fromisoformat(event.at),
        legs=(
            Leg(Pot(AccountKind.CLEARING, event.currency, method=event.method), line, amount),
            Leg(Pot(AccountKind.REFUNDS_DUE, event.currency), line, -amount),
        ),
        order_id=event.order_id,
    )


def _is_merchants(event: MoneyMoved) -> bool:
    """Events of earlier days do not say whose account it was: then the way of paying does."""
    return event.is_merchants or event.method in PAID_ON_DELIVERY


def _clearing(event: MoneyMoved) -> Pot:
    return Pot(AccountKind.CLEARING, event.currency, method=event.method)


_LEGS = {"paid": _paid, "called_off": _called_off, "refunded": _refunded}
