"""What is written when, to the cent, once, and never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from karvon.documents.models import Document, DocumentKind, NumberSeries
from karvon.documents.services import issue_credit_note, issue_documents
from karvon.documents.snapshots import from_json, to_json
from karvon.documents.tests.factories import make_invoice
from karvon.kernel.testing import drain_outbox
from karvon.ledger.tests.factories import make_goods, make_paid_order
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.errors import OrderNotFound
from karvon.orders.events import MoneyMoved
from karvon.orders.models import Order
from karvon.orders.services import cancel_lines, cancel_order, confirm_payment, record_refund
from karvon.orders.tests.factories import make_order, part_of

pytestmark = pytest.mark.django_db


def of(order: Order, kind: str) -> list[Document]:
    return list(Document.objects.filter(order=order, kind=kind).order_by("pk"))


def test_a_confirmed_order_gets_one_invoice_however_often_its_news_arrives():
    order = make_order((make_goods(), 2))

    drain_outbox()
    again = issue_documents(order_id=order.pk)

    (invoice,) = Document.objects.all()
    snapshot = from_json(invoice.snapshot)
    assert again == []
    assert (invoice.kind, invoice.total) == (DocumentKind.INVOICE, Decimal(25_000))
    assert invoice.number == f"INV-{invoice.year}-000001"
    assert [(line.quantity, line.total) for line in snapshot.lines] == [(2, Decimal(20_000))]
    assert (snapshot.delivery_fee, snapshot.due, snapshot.paid) == (Decimal(5_000), Decimal(25_000), 0)
    assert (snapshot.buyer.name, snapshot.buyer.address) == ("Aziza", "Amir Temur 1, Tashkent")


def test_an_order_that_waits_for_its_payment_has_none_and_a_paid_one_has_a_receipt_too():
    order = make_order((make_goods(), 1), payment_method="payme")
    drain_outbox()
    assert not Document.objects.exists()

    confirm_payment(order_id=order.pk)
    drain_outbox()

    (invoice,), (receipt,) = of(order, DocumentKind.INVOICE), of(order, DocumentKind.RECEIPT)
    told = from_json(receipt.snapshot)
    assert told.refers_to is not None
    assert told.refers_to.number == invoice.number
    assert (receipt.total, told.paid, told.due) == (Decimal(15_000), Decimal(15_000), 0)
    assert told.paid_at is not None


def test_each_merchant_of_an_order_writes_its_own_with_numbers_of_its_own():
    first, second = make_merchant(), make_merchant()
    make_invoice(make_order((make_goods(first), 1)))

    order = make_order((make_goods(first, price="3000"), 1), (make_goods(second, price="7000"), 2))
    issue_documents(order_id=order.pk)

    written = {each.merchant_id: (each.sequence, each.total) for each in of(order, DocumentKind.INVOICE)}
    assert written == {first.pk: (2, Decimal(8_000)), second.pk: (1, Decimal(19_000))}
    assert sum(total for _sequence, total in written.values()) == order.total


def test_the_year_is_the_merchants():
    merchant = make_merchant(timezone="Asia/Tashkent")
    new_year = datetime(2026, 12, 31, 20, tzinfo=UTC)

    order = make_order((make_goods(merchant), 1))
    (invoice,) = issue_documents(order_id=order.pk, now=new_year)

    assert invoice.number == "INV-2027-000001"


def test_a_number_that_was_rolled_back_is_taken_by_the_next():
    merchant = make_merchant()
    orders = [make_order((make_goods(merchant), 1)) for _ in range(2)]

    with transaction.atomic():
        issue_documents(order_id=orders[0].pk)
        transaction.set_rollback(True)
    issue_documents(order_id=orders[1].pk)

    assert Document.objects.get().sequence == NumberSeries.objects.get().last == 1


def test_what_is_given_back_is_credited_by_its_lines_and_only_once():
    order = make_paid_order((make_goods(), 3))
    drain_outbox()
    part, line = part_of(order), order.lines.get()
    cancel_lines(fulfilment_id=part.pk, quantities={line.pk: 1}, actor=None, reason="sold out")
    record_refund(order_id=order.pk)
    drain_outbox()

    cancel_order(order_id=order.pk, actor=None, reason="", is_holder=True)
    record_refund(order_id=order.pk)
    drain_outbox()

    first, second = of(order, DocumentKind.CREDIT_NOTE)
    one, rest = from_json(first.snapshot), from_json(second.snapshot)
    assert (first.total, second.total) == (Decimal(10_000), Decimal(25_000))
    assert [each.quantity for each in one.lines] == [1]
    assert [each.quantity for each in rest.lines] == [2]
    assert (one.delivery_fee, rest.delivery_fee) == (0, Decimal(5_000))
    assert one.refers_to is not None
    assert one.refers_to.number == of(order, DocumentKind.INVOICE)[0].number
    assert verify_books() == []


def test_a_refund_that_no_lines_explain_is_credited_by_its_amount():
    order = make_paid_order((make_goods(), 2))
    drain_outbox()
    part = part_of(order)
    event = MoneyMoved(
        order.pk, part.pk, part.merchant_id, "refunded", "payme", "UZS", part.placed_at.isoformat(), "1234.50"
    )
    event_id = uuid4()

    note = issue_credit_note(event=event, event_id=event_id)
    again = issue_credit_note(event=event, event_id=event_id)

    assert note is not None
    assert again is not None
    assert note.pk == again.pk
    told = from_json(note.snapshot)
    assert (told.lines, told.subtotal, told.total) == ((), Decimal("1234.50"), Decimal("1234.50"))
    # the order knows of no refund: the books see that
    assert [each.rule for each in verify_books()] == ["no more is credited than was refunded"]


def test_a_document_is_never_changed():
    invoice = make_invoice()

    for change in ({"total": Decimal(1)}, {"snapshot": {}}, {"number": "INV-1"}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Document.objects.filter(pk=invoice.pk).update(**change)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Document.objects.filter(pk=invoice.pk)._raw_delete("default")

    Document.objects.filter(pk=invoice.pk).update(file="somewhere", file_size=3)


def test_a_gap_is_noticed():
    invoice = make_invoice()
    NumberSeries.objects.filter(merchant=invoice.merchant_id).update(last=3)

    assert [each.rule for each in verify_books()] == ["numbers of documents have no gaps"]


def test_snapshots_come_back_as_they_went():
    snapshot = from_json(make_invoice(make_paid_order((make_goods(), 2))).snapshot)

    assert from_json(to_json(snapshot)) == snapshot
    assert from_json(to_json(snapshot) | {"of_tomorrow": 1}) == snapshot


def test_an_order_that_is_not_there():
    with pytest.raises(OrderNotFound):
        issue_documents(order_id=1)
