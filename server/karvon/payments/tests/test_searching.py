"""What operators and providers look payments up by, and that it is found along an index however many there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.tests.factories import make_user
from karvon.kernel import clock
from karvon.payments.booking.attempts import list_begun
from karvon.payments.models import Payment, PaymentAttempt, ProviderEvent, Refund
from karvon.payments.protocol import Account
from karvon.payments.tests.factories import make_unpaid, pay_and_return

pytestmark = pytest.mark.django_db


@pytest.fixture
def find(rf):
    """The rows of a model's page that are found by a text."""
    request = rf.get("/")
    request.user = make_user(role="staff")

    def find_rows(model, text: str) -> list:
        page = admin.site._registry[model]
        return list(page.get_search_results(request, page.get_queryset(request), text)[0])

    return find_rows


def test_rows_are_found_by_their_whole_name(find):
    order = make_unpaid("stripe")
    refund = pay_and_return(order)
    pay_and_return(make_unpaid("stripe"))
    payment, event = refund.payment, ProviderEvent.objects.get(event_id=f"evt_{order.pk}")
    ProviderEvent.objects.filter(pk=event.pk).update(request_id="req-1")
    names = [order.number, order.number.lower(), f" cs_{order.pk} ", f"ch_{order.pk}"]

    for name in (*names, f"pi_{order.pk}"):
        assert find(Payment, name) == [payment], name
        assert find(ProviderEvent, name) == [event], name
    for name in (event.event_id, "req-1"):
        assert find(ProviderEvent, name) == [event]
    for name in names:
        assert find(Refund, name) == [refund]
    for model in (Payment, ProviderEvent, Refund):
        assert find(model, f"ch_{order.pk}"[:-1]) == find(model, "%") == find(model, "x" * 5000) == []
        assert len(find(model, " ")) == 2


def plans_of(queries: CaptureQueriesContext) -> str:
    with connection.cursor() as cursor:
        plans = []
        for query in queries.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plans += [row[0] for row in cursor.fetchall()]
    return "\n".join(plans)


def test_each_name_has_an_index(find):
    """Without a choice PostgreSQL reads whole tables only where nothing else is there."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        for model in (Payment, ProviderEvent, Refund):
            find(model, "x")
    plans = plans_of(queries)

    assert "Seq Scan" not in plans
    names = (
        "payment_reference_unique",
        "payment_charge_unique",
        "attempt_reference_unique",
        "refund_reference_unique",
    )
    for name in (*names, "provider_event_once", "provider_event_request"):
        assert name in plans, name


def test_a_statement_is_read_along_its_time():
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        assert list_begun(Account("payme", {}, ""), now - timedelta(days=1), now) == []

    assert "attempt_by_time" in plans_of(queries)
    assert not PaymentAttempt.objects.exists()
