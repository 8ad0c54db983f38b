"""A document as its template shows it: sentences in its language, amounts and times as people read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import segno
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from karvon.documents.models import Document, DocumentKind
from karvon.documents.snapshots import Snapshot, SoldLine, from_json
from karvon.documents.texts import isolate, tidy
from karvon.kernel.formats import direction_of, format_amount, format_time, plain_number
from karvon.orders.models import DeliveryType, list_payment_methods
from karvon.orders.models.order import PAID_ON_DELIVERY

Row = tuple[str, str]


@dataclass(frozen=True)
class ShownLine:
    title: str
    details: str
    sku: str
    quantity: str
    unit_price: str
    total: str


@dataclass(frozen=True)
class Sheet:
    """All that stands on a document. `rows` and `sums` are (label, value); the last of the sums is the one in bold."""

    language: str
    direction: str
    shop: str
    title: str
    number: str
    rows: tuple[Row, ...]
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    lines: tuple[ShownLine, ...]
    sums: tuple[Row, ...]
    settled: tuple[Row, ...]
    notice: str
    url: str
    qr: str


def read_sheet(document: Document) -> Sheet:
    """What the document says, in the language in which it was written."""
    snapshot = from_json(document.snapshot)
    with translation.override(document.language):
        writer = _Writer(document, snapshot)
        return Sheet(
            language=document.language,
            direction=direction_of(document.language),
            shop=tidy(settings.KARVON_SHOP_NAME),
            title=str(document.get_kind_display()),
            number=isolate(document.number),
            rows=tuple(writer.rows()),
            seller=tuple(writer.seller()),
            buyer=tuple(writer.buyer()),
            lines=tuple(writer.line(each) for each in snapshot.lines),
            sums=tuple(writer.sums()),
            settled=tuple(writer.settled()),
            notice=writer.notice(),
            url=isolate(document.url),
            qr=make_qr(document.url),
        )


def make_qr(url: str) -> str:
    """The address as a picture that needs no other file (a data URI of SVG)."""
    return str(segno.make(url, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff"))


class _Writer:
    """One document's sentences, in the active language."""

    def __init__(self, document: Document, snapshot: Snapshot) -> None:
        self.document, self.snapshot = document, snapshot

    def amount(self, amount: Decimal) -> str:
        return isolate(format_amount(amount, self.document.currency, self.document.language))

    def moment(self, moment: datetime) -> str:
        return isolate(format_time(moment, timezone=self.snapshot.timezone, language=self.document.language))

    def rows(self) -> Iterator[Row]:
        """What the document is about."""
        snapshot = self.snapshot
        yield _("Date"), self.moment(self.document.issued_at)
        if snapshot.refers_to is not None:
            yield _("For invoice"), isolate(snapshot.refers_to.number)
        yield _("Order"), tidy(snapshot.order_number)
        yield _("Placed"), self.moment(snapshot.placed_at)
        if self.document.kind == DocumentKind.RECEIPT and snapshot.paid_at is not None:
            yield _("Paid on"), self.moment(snapshot.paid_at)
        yield _("Payment"), self.payment()
        if snapshot.delivery_type == DeliveryType.PICKUP:
            yield _("Handover"), str(DeliveryType.PICKUP.label)

    def payment(self) -> str:
        known = dict(list_payment_methods())
        return str(known.get(self.snapshot.payment_method, self.snapshot.payment_method))

    def seller(self) -> Iterator[str]:
        seller = self.snapshot.seller
        yield from (tidy(each) for each in (seller.name, seller.address, seller.phone, seller.email) if each)
        if seller.tax_rate:
            yield _("Prices include %(rate)s %% tax.") % {"rate": isolate(plain_number(seller.tax_rate))}

    def buyer(self) -> Iterator[str]:
        buyer = self.snapshot.buyer
        yield from (tidy(each) for each in (buyer.name, buyer.phone, buyer.email, buyer.address) if each)

    def line(self, line: SoldLine) -> ShownLine:
        details = ", ".join(tidy(each) for each in (*line.options, *line.modifiers) if each)
        return ShownLine(
            title=tidy(line.title),
            details=details,
            sku=tidy(line.sku),
            quantity=str(line.quantity),
            unit_price=self.amount(line.unit_price),
            total=self.amount(line.subtotal),
        )

    def sums(self) -> Iterator[Row]:
        """From the goods to the total."""
        snapshot, is_credit = self.snapshot, self.document.kind == DocumentKind.CREDIT_NOTE
        if snapshot.lines or not is_credit:
            yield _("Subtotal"), self.amount(snapshot.subtotal)
        for name, amount in snapshot.discounts:
            yield tidy(name) or _("Discount"), self.amount(-amount)
        if is_credit:
            if snapshot.delivery_fee:
                yield _("Delivery"), self.amount(snapshot.delivery_fee)
        elif snapshot.delivery_type == DeliveryType.DELIVERY:
            fee = self.amount(snapshot.delivery_fee) if snapshot.delivery_fee else _("free")
            yield _("Delivery"), fee
        if snapshot.tax:
            yield _("Tax included"), self.amount(snapshot.tax)
        if is_credit:
            yield _("Given back"), self.amount(snapshot.total)
        else:
            yield _("Total"), self.amount(self.agreed())

    def agreed(self) -> Decimal:
        snapshot = self.snapshot
        discount = sum((amount for _name, amount in snapshot.discounts), Decimal(0))
        return snapshot.subtotal - discount + snapshot.delivery_fee

    def settled(self) -> Iterator[Row]:
        """What became of the total by the day of the document."""
        snapshot = self.snapshot
        if self.document.kind == DocumentKind.CREDIT_NOTE:
            return
        if snapshot.called_off:
            yield _("Called off"), self.amount(-snapshot.called_off)
        if snapshot.paid:
            yield _("Paid"), self.amount(snapshot.paid)
        if snapshot.refunded:
            yield _("Given back"), self.amount(-snapshot.refunded)
        yield _("Still to be paid"), self.amount(snapshot.due)

    def notice(self) -> str:
        """The one sentence at the foot."""
        snapshot = self.snapshot
        if self.document.kind == DocumentKind.CREDIT_NOTE:
            return _("The amount goes back the way it was paid.")
        if self.document.kind == DocumentKind.RECEIPT or not snapshot.due:
            return _("Thank you for your order.")
        if snapshot.payment_method in PAID_ON_DELIVERY:
            return _("To be paid when the goods are handed over.")
        return _("Please name the number of the order when you pay.")
