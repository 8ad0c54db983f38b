"""Who may do what, every pair of action and role."""

import pytest
from django.contrib.auth.models import AnonymousUser

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.merchants import selectors
from karvon.merchants.errors import BranchNotFound, MerchantNotActive, MerchantNotFound, RoleNotSufficient
from karvon.merchants.models import MerchantState, StaffRole
from karvon.merchants.policies import ALLOWED, READ_ONLY, WHILE_CLOSED, Action, require
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db


def test_every_action_has_its_row():
    assert set(ALLOWED) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_each_role_may_do_what_the_table_says_and_no_more(action):
    merchant = make_merchant()
    for role in StaffRole:
        person = make_staff(merchant, role=role).user
        if role in ALLOWED[action]:
            assert require(person, merchant.pk, action) == merchant
        else:
            with pytest.raises(RoleNotSufficient):
                require(person, merchant.pk, action)
    assert require(merchant.owner, merchant.pk, action.value) == merchant


@pytest.mark.parametrize("state", [MerchantState.SUSPENDED, MerchantState.CLOSED, MerchantState.DELETED])
@pytest.mark.parametrize("action", Action)
def test_a_shop_that_is_not_active_looks_on_and_finishes_its_orders(action, state):
    merchant = make_merchant(state=state)

    assert {*READ_ONLY, Action.ADVANCE_ORDERS, Action.CANCEL_ORDERS} == WHILE_CLOSED
    if action in WHILE_CLOSED:
        assert require(merchant.owner, merchant.pk, action) == merchant
    else:
        with pytest.raises(MerchantNotActive):
            require(merchant.owner, merchant.pk, action)
    assert require(make_user(role=Role.STAFF), merchant.pk, action) == merchant
    assert require(None, merchant.pk, action) == merchant


def test_strangers_find_no_merchant():
    merchant = make_merchant()
    strangers = [
        make_user(),
        make_merchant().owner,
        make_staff(merchant, is_active=False).user,
        make_user(role=Role.COURIER),
        AnonymousUser(),
    ]

    for stranger in strangers:
        with pytest.raises(MerchantNotFound):
            require(stranger, merchant.pk, Action.VIEW_ORDERS)
    for somebody in (None, merchant.owner, make_user(role=Role.ADMIN)):
        with pytest.raises(MerchantNotFound):
            require(somebody, merchant.pk + 1_000_000, Action.VIEW_ORDERS)


def test_an_unknown_action_is_a_mistake_of_ours():
    with pytest.raises(ValueError):
        require(None, make_merchant().pk, "fly")


def test_a_policy_costs_one_query(django_assert_num_queries):
    staff = make_staff(make_merchant())

    with django_assert_num_queries(1):
        require(staff.user, staff.merchant_id, Action.ADJUST_STOCK)


def test_whose_merchants_and_which_role(django_assert_num_queries):
    person = make_user()
    own, works_at, left = make_merchant(owner=person), make_merchant(), make_merchant()
    make_staff(works_at, user=person, role=StaffRole.COOK)
    make_staff(left, user=person, is_active=False)
    make_merchant()

    with django_assert_num_queries(1):
        assert selectors.merchant_ids_of(person) == {own.pk, works_at.pk}
    with django_assert_num_queries(0):
        assert selectors.merchant_ids_of(AnonymousUser()) == frozenset()
    assert selectors.role_of(person, own.pk) == "owner"
    assert selectors.role_of(person, works_at.pk) == "cook"
    assert selectors.role_of(person, left.pk) is None
    assert selectors.role_of(AnonymousUser(), own.pk) is None


def test_the_default_branch():
    merchant = make_merchant()

    assert selectors.get_default_branch(merchant.pk) == merchant.branches.get()
    with pytest.raises(BranchNotFound):
        selectors.get_default_branch(make_merchant(with_branch=False).pk)
