"""GET /api/merchant/payouts."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from karvon.accounts.models import Role
from karvon.accounts.services import issue_tokens
from karvon.accounts.tests.factories import make_user
from karvon.ledger.tests.factories import make_payouts
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db

MONEY = re.compile(r"-?\d+\.\d{2}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TEXTS = ("merchant_name", "currency", "state", "bank", "account", "reference", "reason")


def ask(user, path="/api/merchant/payouts", kind="Bearer", method="get", **headers):
    token = {"HTTP_AUTHORIZATION": f"{kind} {issue_tokens(user=user).access}"} if user else {}
    return getattr(Client(), method)(path, **token, **headers)


@pytest.fixture
def shops():
    mine, other = make_merchant(), make_merchant()
    make_payouts(mine, other, actor=make_user(role=Role.STAFF))
    return mine, other


@pytest.mark.parametrize("path", ["/api/merchant/payouts", "/api/merchant/payouts/"])
@pytest.mark.parametrize("kind", ["Bearer", "JWT"])
def test_a_shop_sees_its_payouts(shops, path, kind):
    answer = ask(shops[0].owner, path, kind)

    assert answer.status_code == 200
    page = answer.json()
    assert (page["count"], page["next"], page["previous"]) == (1, None, None)
    (payout,) = page["results"]
    assert (payout["merchant"], payout["amount"]) == (shops[0].pk, "100000.00")
    assert MONEY.fullmatch(payout["amount"])
    assert all(isinstance(payout[name], int) for name in ("id", "batch", "merchant"))
    assert all(isinstance(payout[name], str) for name in TEXTS)
    assert all(TIME.fullmatch(payout[name]) for name in ("earned_until", "made_at"))
    assert (payout["approved_at"], payout["closed_at"], payout["held_until"]) == (None, None, None)
    assert payout["account"].startswith("•")


def test_who_may_not(shops):
    mine, other = shops
    assert ask(None).status_code == 401
    assert ask(make_user()).status_code == 403
    assert ask(make_staff(mine, role=StaffRole.COOK).user).status_code == 403
    assert ask(make_staff(mine, role=StaffRole.MANAGER).user).status_code == 200
    assert ask(mine.owner, HTTP_X_MERCHANT=str(other.pk)).status_code == 404
    assert ask(mine.owner, f"/api/merchant/payouts?merchant={other.username}").status_code == 404
    assert ask(mine.owner, "/api/merchant/payouts?state=paid").json()["results"] == []
    assert ask(mine.owner, "/api/merchant/payouts?state=gone").status_code == 400
    assert ask(mine.owner, "/api/merchant/payouts?page=9").status_code == 404
    assert ask(mine.owner, method="post").status_code == 405
