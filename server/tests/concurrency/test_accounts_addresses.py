"""The default mark of an address book, and of a merchant's branches, claimed by many at once."""

from collections import Counter
from threading import Barrier

import pytest
from django.db import IntegrityError

from karvon.accounts.models import User
from karvon.accounts.services import addresses, update_address
from karvon.accounts.services.closing import close_account
from karvon.accounts.tests.factories import PASSWORD, make_address, make_client, make_user
from karvon.merchants.inputs import MerchantInput
from karvon.merchants.models import Merchant
from karvon.merchants.services import register_merchant
from karvon.merchants.tests.factories import make_branch, make_merchant
from tests.concurrency.racing import PATIENCE, race

pytestmark = pytest.mark.django_db(transaction=True)

CONTENDERS = 10


def test_one_of_ten_claimed_addresses_ends_as_the_default():
    user = make_user()
    rows = [make_address(user) for _number in range(CONTENDERS)]
    client = make_client(user)

    def claim(row):
        return client.patch(f"/api/v1/addresses/{row.pk}/", {"is_default": True}, format="json").status_code

    statuses = race([lambda row=row: claim(row) for row in rows])

    assert Counter(statuses) == {200: CONTENDERS}
    assert user.addresses.filter(is_default=True).count() == 1


def test_of_ten_first_addresses_one_is_the_default():
    user = make_user()
    client = make_client(user)

    def add():
        return client.post("/api/v1/addresses/", {"line1": "a"}, format="json").status_code

    assert Counter(race([add] * CONTENDERS)) == {201: CONTENDERS}
    assert user.addresses.filter(is_default=True).count() == 1


def test_control_without_the_persons_lock_a_claim_fails(monkeypatch):
    user = make_user()
    rows = [make_address(user), make_address(user)]
    both_have_cleared = Barrier(2)
    make_default = addresses._make_default

    def clear_and_wait(address):
        make_default(address)
        both_have_cleared.wait(PATIENCE)

    monkeypatch.setattr(addresses, "_lock_owner", lambda user: None)
    monkeypatch.setattr(addresses, "_make_default", clear_and_wait)

    outcomes = race(
        [
            lambda row=row: update_address(user=user, address_id=row.pk, changes={"is_default": True})
            for row in rows
        ]
    )

    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 1


def test_one_of_ten_claimed_branches_ends_as_the_default():
    merchant = make_merchant()
    rows = [make_branch(merchant) for _number in range(CONTENDERS)]
    client = make_client(merchant.owner)

    def claim(row):
        url = f"/api/v1/merchants/{merchant.pk}/branches/{row.pk}/"
        return client.patch(url, {"is_default": True}, format="json").status_code

    assert Counter(race([lambda row=row: claim(row) for row in rows])) == {200: CONTENDERS}
    assert merchant.branches.filter(is_default=True).count() == 1


def test_a_closed_account_never_owns_an_open_shop():
    for number in range(5):
        user = make_user()

        race(
            [
                lambda user=user: close_account(user=user, password=PASSWORD),
                lambda user=user, number=number: register_merchant(
                    owner=user, merchant=MerchantInput(username=f"shop-{number}", name="Shop")
                ),
            ]
        )

    closed = User.objects.filter(is_active=False)
    assert not Merchant.objects.filter(owner__in=closed).exists()
    assert closed.count() + Merchant.objects.count() == 5
