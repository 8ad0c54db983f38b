"""Tests that commit leave no rows behind: what the suite's own emptying removes, and what it leaves."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from karvon.audit.models import AuditEntry
from karvon.kernel.testing import drain_outbox
from karvon.ledger.tests.factories import make_paid_order
from karvon.runtime import emptying


def counts() -> dict[str, int]:
    """How many rows each table of Django's holds, where there are any."""
    with connection.cursor() as cursor:
        found = {}
        for name in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            (found[name],) = cursor.fetchone()
    return {name: number for name, number in found.items() if number}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("large", [emptying.LARGE, 0], ids=["rows", "tables"])
def test_every_table_is_empty_afterwards_walls_and_references_notwithstanding(monkeypatch, large):
    monkeypatch.setattr(emptying, "LARGE", large)
    emptying._question.cache_clear()
    make_paid_order()
    drain_outbox()
    assert {"ledger_entry", "orders_order", "catalog_product"} < set(counts())
    told = AuditEntry.objects.count()

    emptying.empty_tables()

    assert counts() == {
        "django_content_type": ContentType.objects.count(),
        "auth_permission": Permission.objects.count(),
    }
    assert AuditEntry.objects.count() == told
    monkeypatch.undo()
    emptying._question.cache_clear()
