"""Contracts with providers: who may enter them, what is let in, and what the database then holds."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from karvon.accounts.acting import actor_of
from karvon.accounts.tests.factories import make_user
from karvon.audit.models import AuditEntry
from karvon.kernel.acting import in_name_of
from karvon.kernel.errors import PermissionRefused
from karvon.merchants.errors import MerchantNotFound, RoleNotSufficient
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.payments.accounts import account_of_row
from karvon.payments.errors import ProviderAccountNotFound, ProviderUnavailable, SecretsInvalid
from karvon.payments.models import ProviderAccount
from karvon.payments.services import check_account, save_account
from karvon.payments.tests.simulated import simulated

pytestmark = pytest.mark.django_db

RAZORPAY = {
    "RAZORPAY_KEY_ID": "rzp_test_Karvon01",
    "RAZORPAY_KEY_SECRET": "s3cret-of-the-key",
    "RAZORPAY_WEBHOOK_SECRET": "s3cret-of-the-hook",
}


@pytest.fixture
def merchant(db):
    return make_merchant()


def enter(actor, merchant=None, **changes) -> ProviderAccount:
    return save_account(
        provider="razorpay",
        merchant_id=merchant.pk if merchant else None,
        values=RAZORPAY | changes,
        actor=actor,
    )


@pytest.mark.parametrize(
    ("person", "of_platform", "of_merchant"),
    [
        ("operator", None, None),
        ("owner", PermissionRefused, None),
        ("manager", PermissionRefused, RoleNotSufficient),
        ("stranger", PermissionRefused, MerchantNotFound),
    ],
)
def test_operators_enter_the_platforms_and_owners_their_own(merchant, person, of_platform, of_merchant):
    actor = {
        "operator": lambda: make_user(role="staff"),
        "owner": lambda: merchant.owner,
        "manager": lambda: make_staff(merchant, role=StaffRole.MANAGER).user,
        "stranger": lambda: make_merchant().owner,
    }[person]()

    for target, refusal in ((None, of_platform), (merchant, of_merchant)):
        with pytest.raises(refusal) if refusal else nullcontext():
            enter(actor, target)
    assert ProviderAccount.objects.count() == (of_platform is None) + (of_merchant is None)


def test_neither_the_database_nor_the_log_holds_a_secret(merchant):
    with in_name_of(actor_of(merchant.owner)):
        row = enter(merchant.owner, merchant)
        enter(merchant.owner, merchant, RAZORPAY_KEY_SECRET="another-s3cret")

    assert account_of_row(ProviderAccount.objects.get(pk=row.pk)).values == RAZORPAY | {
        "RAZORPAY_KEY_SECRET": "another-s3cret"
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t::text FROM payments_provideraccount t UNION ALL SELECT e::text FROM audit_entry e"
        )
        kept = " ".join(line for (line,) in cursor.fetchall())
    assert "s3cret" not in kept
    assert row.key not in str(AuditEntry.objects.values_list("before", "after"))
    assert list(
        AuditEntry.objects.filter(object_type="payments.provideraccount")
        .order_by("pk").values_list("change", "actor_id")
    ) == [("insert", merchant.owner_id), ("update", merchant.owner_id)]  # fmt: skip


def test_a_secret_that_is_left_empty_stays(merchant):
    first = enter(merchant.owner, merchant)
    left = {"RAZORPAY_KEY_ID": "rzp_live_Karvon02", "RAZORPAY_KEY_SECRET": "", "RAZORPAY_WEBHOOK_SECRET": ""}

    changed = enter(merchant.owner, merchant, **left)

    assert changed.pk == first.pk
    assert account_of_row(changed).values == RAZORPAY | {"RAZORPAY_KEY_ID": "rzp_live_Karvon02"}


@pytest.mark.parametrize(
    ("provider", "changes", "field"),
    [
        ("razorpay", {"RAZORPAY_KEY_SECRET": ""}, "RAZORPAY_KEY_SECRET"),
        ("razorpay", {"RAZORPAY_KEY_ID": "pk_test_1"}, "RAZORPAY_KEY_ID"),
        ("razorpay", {"RAZORPAY_KEY_ID": "rzp_test_Karvon01\n\x00"}, "RAZORPAY_KEY_ID"),
        ("razorpay", {"BASE_URL": "http://10.0.0.1/"}, None),
        ("cash", {}, None),
    ],
)
def test_what_is_of_another_form_is_refused_at_its_field(provider, changes, field):
    values = (RAZORPAY if provider == "razorpay" else {}) | changes

    with pytest.raises(SecretsInvalid) as refusal:
        save_account(provider=provider, values=values, actor=None)

    assert list(refusal.value.details) == ([field] if field else [])
    assert not ProviderAccount.objects.exists()


def test_keys_are_changed_without_entering_anything_anew(settings, merchant, capsys):
    settings.KARVON_ENCRYPTION_KEYS = ["the first key"]
    row = enter(merchant.owner, merchant)
    old = row.secrets

    settings.KARVON_ENCRYPTION_KEYS = ["the second key", "the first key"]
    call_command("rotate_provider_secrets")
    settings.KARVON_ENCRYPTION_KEYS = ["the second key"]
    row.refresh_from_db()

    assert row.secrets != old
    assert account_of_row(row).values == RAZORPAY
    settings.KARVON_ENCRYPTION_KEYS = ["a third key"]
    with pytest.raises(CommandError, match=f"accounts {row.pk}:"):
        call_command("rotate_provider_secrets")
    with pytest.raises(ProviderUnavailable):
        account_of_row(row)
    # entered anew it is as good as ever
    assert account_of_row(enter(merchant.owner, merchant)).values == RAZORPAY


def test_the_connection_is_tested_with_what_was_entered(settings, merchant):
    with simulated(settings):
        real = dict(settings.KARVON_PROVIDERS["razorpay"])
        real.pop("BASE_URL")
        row = enter(merchant.owner, merchant, **real)
        good = check_account(account_id=row.pk, actor=merchant.owner)
        assert (good.checked_at is not None, good.check_error) == (True, "")

        row = enter(merchant.owner, merchant, RAZORPAY_KEY_SECRET="wrong")
        assert row.checked_at is None
        bad = check_account(account_id=row.pk, actor=merchant.owner)
        assert (bad.checked_at is not None, bad.check_error) == (True, "provider_refused")

        for stranger in (make_merchant().owner, make_user()):
            with pytest.raises(ProviderAccountNotFound):
                check_account(account_id=row.pk, actor=stranger)
        with pytest.raises(PermissionRefused):
            check_account(account_id=enter(None).pk, actor=merchant.owner)
