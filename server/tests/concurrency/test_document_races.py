"""Documents under crowds: numbers without gaps, one invoice for an order, one file for an invoice."""

from __future__ import annotations

import functools

import pytest

from karvon.documents.models import Document, NumberSeries
from karvon.documents.numbering import take_sequence
from karvon.documents.services import issue_documents
from karvon.kernel.db import run_transaction
from karvon.ledger.tests.factories import make_goods
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.tests.factories import make_order
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_asked_for_by_many_gets_one_invoice_and_numbers_have_no_gaps():
    goods = make_goods(make_merchant())
    orders = [make_order((goods, 1)) for _ in range(4)]

    outcomes = race(
        [functools.partial(issue_documents, order_id=order.pk) for order in orders for _ in range(4)]
    )

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert sorted(Document.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4]
    assert Document.objects.values("order").distinct().count() == 4
    assert verify_books() == []


def test_numbers_read_and_then_written_would_meet():
    """The control: the same without the row's lock."""
    merchant = make_merchant()
    run_transaction(lambda: take_sequence(merchant_id=merchant.pk, kind="invoice", year=2026))

    def take_carelessly() -> int:
        series = NumberSeries.objects.get()
        NumberSeries.objects.filter(pk=series.pk).update(last=series.last + 1)
        return series.last + 1

    careless = race([take_carelessly] * 16)
    careful = race(
        [lambda: run_transaction(lambda: take_sequence(merchant_id=merchant.pk, kind="receipt", year=2026))]
        * 16
    )

    assert len(set(careless)) < 16
    assert sorted(careful) == list(range(1, 17))
