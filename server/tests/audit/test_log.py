"""What the database writes down by itself, and what it refuses."""

from __future__ import annotations

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from karvon.accounts.acting import actor_of
from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.audit.models import AuditEntry
from karvon.audit.registry import find_undeclared
from karvon.audit.triggers import renew_triggers
from karvon.kernel.acting import in_name_of
from karvon.merchants.models import Merchant
from karvon.merchants.services import update_merchant
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db


def test_every_table_is_watched_or_says_why_not():
    assert find_undeclared() == [], "\n".join(find_undeclared())


def test_the_triggers_are_those_of_the_registry():
    assert renew_triggers() == []


def test_a_change_is_written_with_who_what_before_and_after():
    merchant = make_merchant(name="Bazaar", phone="+998901234567")
    operator = make_user(role=Role.STAFF, username="operator")

    with in_name_of(actor_of(operator)):
        update_merchant(
            actor=operator, merchant_id=merchant.pk, changes={"name": "Bozor", "phone": "+998907654321"}
        )

    entry = AuditEntry.objects.get(object_type="merchants.merchant")
    assert (entry.actor_id, entry.actor_label, entry.actor_role) == (operator.pk, "operator", "staff")
    assert (entry.action, entry.change, entry.object_id) == ("update_merchant", "update", str(merchant.pk))
    assert entry.merchant_id == merchant.pk
    assert entry.before == {"name": "Bazaar", "phone": "***"}
    assert entry.after == {"name": "Bozor", "phone": "***"}


def test_nobody_changes_or_empties_the_log():
    with in_name_of(actor_of(make_user(role=Role.ADMIN))):
        make_merchant()
    before = AuditEntry.objects.count()
    assert before

    for sql in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        with pytest.raises((InternalError, ProgrammingError), match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)

    assert AuditEntry.objects.count() == before


def test_a_write_outside_of_a_transaction_names_its_person_too():
    merchant = make_merchant()
    with in_name_of(actor_of(make_user(role=Role.STAFF))):
        Merchant.objects.filter(pk=merchant.pk).update(name="Direct")

    assert AuditEntry.objects.get(object_type="merchants.merchant").action == "update"
