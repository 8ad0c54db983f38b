"""What an account's end means to shops."""

import pytest

from karvon.accounts.models import User
from karvon.accounts.tests.factories import PASSWORD, make_client
from karvon.kernel.testing import drain_outbox
from karvon.merchants.models import MerchantStaff, MerchantState
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db


def close(client):
    return client.delete("/api/v1/auth/users/me/", {"current_password": PASSWORD}, format="json")


def test_owners_close_their_shop_first():
    merchant = make_merchant()
    client = make_client(merchant.owner)

    refused = close(client)
    merchant.state = MerchantState.CLOSED
    merchant.save()

    assert refused.status_code == 409
    assert refused.json()["code"] == "owns_merchant"
    assert User.objects.get(pk=merchant.owner_id).is_active
    assert close(client).status_code == 204


def test_a_closed_account_works_nowhere():
    staff = make_staff(make_merchant())

    close(make_client(staff.user))
    drain_outbox()

    assert not MerchantStaff.objects.exists()
