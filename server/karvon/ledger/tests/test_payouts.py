"""From a balance to the bank and back: by two people, once, and only to bank details that are not brand-new."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.kernel import clock
from karvon.kernel.errors import InvalidTransition, PermissionRefused, ValidationFailed
from karvon.kernel.testing import drain_outbox
from karvon.ledger.errors import BankDetailsChanged, NothingToPayOut, PayoutHeld, TwoPeopleNeeded
from karvon.ledger.models import Payout, PayoutState
from karvon.ledger.services import (
    BankInput,
    BatchInput,
    approve_batch,
    approve_payout,
    cancel_payout,
    make_batch,
    mark_payout_failed,
    mark_payout_paid,
    set_bank_details,
)
from karvon.ledger.states import PAYOUTS
from karvon.ledger.tests.factories import (
    balances,
    earn,
    make_bank_details,
    make_payouts,
    owe,
    owed_to,
)
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books

pytestmark = pytest.mark.django_db
STEPS = {
    PayoutState.APPROVED: approve_payout,
    PayoutState.PAID: mark_payout_paid,
    PayoutState.FAILED: mark_payout_failed,
    PayoutState.CANCELLED: cancel_payout,
}


@pytest.fixture
def maker():
    return make_user(role=Role.STAFF)


@pytest.fixture
def approver():
    return make_user(role=Role.ADMIN)


def test_a_payout_from_sale_to_bank(maker, approver):
    merchant = make_merchant()
    earn(merchant)
    make_bank_details(merchant)

    (payout,) = make_payouts(merchant, actor=maker, amount=0)
    assert (payout.amount, owed_to(merchant)) == (Decimal(23_000), 0)
    approve_payout(payout_id=payout.pk, actor=approver)
    mark_payout_paid(payout_id=payout.pk, actor=maker, reference="PP-1")

    assert balances() == {"clearing": 25_000, "commission": -2_000, "bank": -23_000}
    drain_outbox()
    assert verify_books() == []


@pytest.mark.parametrize("way", ["failed", "cancelled"])
def test_what_does_not_arrive_is_owed_again_and_may_be_paid_anew(maker, approver, way):
    merchant = make_merchant()
    (payout,) = make_payouts(merchant, actor=maker)
    if way == "failed":
        approve_payout(payout_id=payout.pk, actor=approver)
        mark_payout_failed(payout_id=payout.pk, actor=approver, reason="closed")
    else:
        cancel_payout(payout_id=payout.pk, actor=maker)

    assert owed_to(merchant) == 100_000
    assert make_payouts(merchant, actor=maker, amount=0)[0].amount == 100_000


@pytest.mark.parametrize("to", STEPS)
@pytest.mark.parametrize("state", PayoutState)
def test_every_step_is_in_the_table_or_refused(maker, approver, state, to):
    (payout,) = make_payouts(make_merchant(), actor=maker)
    Payout.objects.filter(pk=payout.pk).update(state=state, approved_by=approver)

    if (state, to) in PAYOUTS.transitions:
        assert STEPS[to](payout_id=payout.pk, actor=approver).state == to
    else:
        with pytest.raises(InvalidTransition):
            STEPS[to](payout_id=payout.pk, actor=approver)
        assert Payout.objects.get(pk=payout.pk).state == state


def test_who_made_it_may_not_approve_it(maker, approver):
    (payout,) = make_payouts(make_merchant(), actor=maker)

    with pytest.raises(TwoPeopleNeeded):
        approve_payout(payout_id=payout.pk, actor=maker)
    with pytest.raises(TwoPeopleNeeded):
        approve_batch(batch_id=payout.batch_id, actor=maker)
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(state="approved", approved_by=maker)
    with pytest.raises(PermissionRefused):
        approve_payout(payout_id=payout.pk, actor=payout.merchant.owner)

    _batch, refused = approve_batch(batch_id=payout.batch_id, actor=approver)
    assert (refused, Payout.objects.get(pk=payout.pk).state) == ([], "approved")


def test_who_said_where_it_goes_may_not_approve_it(maker, approver):
    merchant = make_merchant()
    long_ago = clock.now() - timedelta(days=30)
    data = BankInput("Bazaar LLC", "Milliy", "20208000900123454417")
    set_bank_details(merchant_id=merchant.pk, data=data, actor=approver, now=long_ago)
    (payout,) = make_payouts(merchant, actor=maker)

    with pytest.raises(TwoPeopleNeeded):
        approve_payout(payout_id=payout.pk, actor=approver)

    assert Payout.objects.get(pk=payout.pk).state == "draft"
    assert approve_payout(payout_id=payout.pk, actor=make_user(role=Role.STAFF)).state == "approved"


def test_new_bank_details_hold_a_payout(maker, approver):
    merchant = make_merchant()
    make_bank_details(merchant, days_ago=2)
    (payout,) = make_payouts(merchant, actor=maker)
    _batch, refused = approve_batch(batch_id=payout.batch_id, actor=approver)
    assert [(each.pk, refusal.code) for each, refusal in refused] == [(payout.pk, "payout_held")]

    with pytest.raises(PayoutHeld):
        approve_payout(payout_id=payout.pk, actor=approver)

    later = clock.now() + timedelta(days=1, minutes=1)
    assert approve_payout(payout_id=payout.pk, actor=approver, now=later).state == "approved"


def test_bank_details_that_change_meanwhile_stop_a_payout(maker, approver):
    merchant = make_merchant()
    (payout,) = make_payouts(merchant, actor=maker)
    set_bank_details(
        merchant_id=merchant.pk, data=BankInput("Thief", "Bank", "20208000900999999999"), actor=merchant.owner
    )

    with pytest.raises(BankDetailsChanged):
        approve_payout(payout_id=payout.pk, actor=approver, now=clock.now() + timedelta(days=30))


def test_who_is_left_out_of_a_batch(maker):
    poor, homeless, suspended, late, rich = (make_merchant() for _ in range(5))
    for merchant, amount in ((poor, 999), (homeless, 5_000), (suspended, 5_000), (rich, 5_000)):
        owe(merchant, amount)
    owe(late, 1_500, at=clock.now() - timedelta(days=9))
    owe(late, 5_000, at=clock.now() - timedelta(hours=1))
    for merchant in (poor, suspended, late, rich):
        make_bank_details(merchant)
    Merchant.objects.filter(pk=suspended.pk).update(state="suspended")
    data = BatchInput(currency="UZS", until=clock.now() - timedelta(days=1), minimum=Decimal(1_000))

    batch = make_batch(data=data, actor=maker)

    made = dict(batch.payouts.values_list("merchant", "amount"))
    assert made == {rich.pk: Decimal(5_000), late.pk: Decimal(1_500)}
    with pytest.raises(NothingToPayOut):
        make_batch(data=data, actor=maker)
    with pytest.raises(PermissionRefused):
        make_batch(data=data, actor=rich.owner)
    with pytest.raises(ValidationFailed):
        make_batch(data=BatchInput(currency="UZS", until=clock.now() + timedelta(days=1)), actor=maker)


def test_a_merchant_that_owes_is_paid_nothing(maker):
    merchant = make_merchant()
    owe(merchant, -1_000)

    with pytest.raises(NothingToPayOut):
        make_payouts(merchant, actor=maker, amount=0)


def test_what_counts_as_bank_details():
    merchant = make_merchant()

    def say(number, **fields):
        data = BankInput(**({"holder": "H", "bank": "B", "number": number} | fields))
        return set_bank_details(merchant_id=merchant.pk, data=data, actor=merchant.owner)

    said = say("GB82 WEST 1234 5698 7654 32")
    assert (said.number, said.masked_number[-5:]) == ("GB82WEST12345698765432", "•5432")
    first = said.changed_at
    assert say("gb82west12345698765432").changed_at == first
    assert say("20208000900123454417").changed_at > first
    for number, fields in (
        ("GB82WEST12345698765433", {}),
        ("12", {}),
        ("=1+1", {}),
        ("20208000", {"code": "=x"}),
        ("20208000", {"holder": " "}),
        ("20208000", {"bank": "a\x00b"}),
    ):
        with pytest.raises(ValidationFailed):
            say(number, **fields)
