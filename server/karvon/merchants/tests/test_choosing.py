"""For which shop somebody acts who works for several, or for none."""

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.merchants.errors import MerchantNotFound, NoMerchant
from karvon.merchants.models import MerchantState
from karvon.merchants.selectors import choose_merchant
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db


def test_the_first_open_shop_of_ones_own_goes_first():
    person = make_user(role=Role.MERCHANT)
    make_staff(make_merchant(), user=person)
    make_merchant(owner=person, state=MerchantState.CLOSED)
    own = make_merchant(owner=person)
    make_merchant(owner=person)

    assert choose_merchant(person) == own


def test_others_are_named_by_id_or_username():
    person = make_user(role=Role.MERCHANT)
    make_merchant(owner=person)
    second = make_merchant(owner=person, username="second-shop")

    assert choose_merchant(person, str(second.pk)) == second
    assert choose_merchant(person, "Second-Shop") == second


@pytest.mark.parametrize("key", ["rivals", "nobody", "0", "9" * 30, "a b", "ü"])
def test_anybody_elses_is_not_there(key):
    person = make_user(role=Role.MERCHANT)
    make_merchant(owner=person)
    make_merchant(username="rivals")

    with pytest.raises(MerchantNotFound):
        choose_merchant(person, key)


def test_who_left_has_none_and_operators_name_theirs():
    shop = make_merchant(username="bazaar")
    former, operator = make_user(), make_user(role=Role.STAFF)
    make_staff(shop, user=former, is_active=False)

    for person in (former, operator):
        with pytest.raises(NoMerchant):
            choose_merchant(person)
    with pytest.raises(MerchantNotFound):
        choose_merchant(former, "bazaar")
    assert choose_merchant(operator, "bazaar") == shop
