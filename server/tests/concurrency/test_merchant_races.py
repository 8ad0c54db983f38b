"""Checkouts and the closing of shops at one moment, with the control that has no lock."""

from __future__ import annotations

from functools import partial
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.kernel.errors import InvalidTransition
from karvon.merchants.errors import InvitationNotValid
from karvon.merchants.models import Merchant, MerchantStaff, MerchantState, StaffInvitation
from karvon.merchants.services import (
    accept_invitation,
    activate_merchant,
    decide_kyc,
    invite_staff,
    make_invitation_link,
    suspend_merchant,
)
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.errors import LinesUnavailable
from karvon.orders.models import Order
from karvon.orders.services import PlacedOrder, place_order, placing
from karvon.orders.tests.factories import make_command
from tests.concurrency.crowds import count_of, run_crowd, wait_until_blocked
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def suspend_while_ordering(monkeypatch, merchant, command):
    """The checkout has priced the cart when the operator suspends the shop. What both came to, and whether the
    suspension had to wait.
    """
    priced, goes_on = Event(), Event()
    write = placing._write
    outcomes = {}

    def write_late(draft):
        priced.set()
        goes_on.wait(20)
        return write(draft)

    def run(name, action):
        try:
            outcomes[name] = action()
        except Exception as error:  # noqa: BLE001 - the race is judged by its outcomes
            outcomes[name] = error
        finally:
            connection.close()

    monkeypatch.setattr(placing, "_write", write_late)
    buying = Thread(target=run, args=("order", partial(place_order, command=command)))
    buying.start()
    assert priced.wait(20)
    closing = Thread(
        target=run, args=("suspend", partial(suspend_merchant, actor=None, merchant_id=merchant.pk))
    )
    closing.start()
    try:
        wait_until_blocked(timeout=1)
        had_to_wait = True
    except AssertionError:
        had_to_wait = False
    goes_on.set()
    buying.join(20)
    closing.join(20)
    return outcomes, had_to_wait


def test_a_suspension_waits_for_the_checkout_that_has_begun(monkeypatch):
    merchant = make_merchant()
    command = make_command((make_variant(merchant=merchant, units=5), 1))

    outcomes, had_to_wait = suspend_while_ordering(monkeypatch, merchant, command)

    assert had_to_wait
    assert isinstance(outcomes["order"], PlacedOrder), outcomes
    assert outcomes["suspend"].state == MerchantState.SUSPENDED


def test_control_without_the_lock_an_order_follows_the_suspension(monkeypatch):
    merchant = make_merchant()
    command = make_command((make_variant(merchant=merchant, units=5), 1))
    monkeypatch.setattr(placing, "hold_shops_open", lambda _variants: None)

    outcomes, had_to_wait = suspend_while_ordering(monkeypatch, merchant, command)

    assert not had_to_wait
    assert isinstance(outcomes["order"], PlacedOrder), "ordered at a shop that was suspended before"


def test_a_checkout_that_comes_second_is_refused():
    merchant = make_merchant()
    variant = make_variant(merchant=merchant, units=5)
    command = make_command((variant, 1))
    refusals = []

    def order():
        try:
            place_order(command=command)
        except LinesUnavailable as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    buying = Thread(target=order)
    with transaction.atomic():
        suspend_merchant(actor=None, merchant_id=merchant.pk)
        buying.start()
        wait_until_blocked()
    buying.join(20)

    assert [list(each.details.values()) for each in refusals] == [[["merchant_closed"]]]
    assert (Order.objects.count(), level_of(variant).on_hand) == (0, 5)


def test_a_crowd_of_customers_while_a_shop_closes_and_opens():
    one, two = make_merchant(), make_merchant()
    first, second = make_variant(merchant=one, units=50), make_variant(merchant=two, units=50)
    commands = [make_command((first, 1), (second, 1)) for _ in range(20)]
    changes = [
        partial(change, actor=None, merchant_id=merchant.pk)
        for merchant in (one, two)
        for change in (suspend_merchant, activate_merchant)
    ]
    actions = [partial(place_order, command=command) for command in commands]

    results = run_crowd([*actions[:10], *changes, *actions[10:]], runners=12)

    placed, refused = count_of(results, PlacedOrder), count_of(results, LinesUnavailable)
    assert placed + refused == 20, results
    assert count_of(results, Merchant) == 4, results
    assert (Order.objects.count(), level_of(first).on_hand, level_of(second).on_hand) == (
        placed,
        50 - placed,
        50 - placed,
    )
    assert verify_books() == []


def test_of_two_who_follow_one_link_one_gets_the_place():
    merchant = make_merchant()
    offer = invite_staff(actor=merchant.owner, merchant_id=merchant.pk, email="cook@example.com", role="cook")
    secret = (make_invitation_link(offer.pk) or "").partition("#")[2]
    people = [make_user(), make_user(), make_user()]

    results = race([partial(accept_invitation, person=person, secret=secret) for person in people])

    assert (count_of(results, MerchantStaff), count_of(results, InvitationNotValid)) == (1, 2), results
    assert MerchantStaff.objects.get().user == StaffInvitation.objects.get().accepted_by


def test_of_two_decisions_one_counts():
    merchant = make_merchant(kyc_status="pending")

    results = race(
        [
            partial(decide_kyc, actor=None, merchant_id=merchant.pk, decision="approved"),
            partial(decide_kyc, actor=None, merchant_id=merchant.pk, decision="rejected", note="No"),
        ]
    )

    assert (count_of(results, Merchant), count_of(results, InvalidTransition)) == (1, 1), results
    assert merchant.steps.get().to_state == Merchant.objects.get().kyc_status
