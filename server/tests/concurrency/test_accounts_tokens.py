"""One refresh token shown many times at once."""

from collections import Counter
from threading import Barrier

import pytest

from karvon.accounts.errors import TokenReused
from karvon.accounts.models import RefreshFamily
from karvon.accounts.services import issue_tokens, sessions
from karvon.accounts.tests.factories import make_client, make_user
from karvon.accounts.tokens import TokenPair, read_token
from karvon.kernel.clock import now
from tests.concurrency.racing import PATIENCE, race

pytestmark = pytest.mark.django_db(transaction=True)

CONTENDERS = 20


def refresh_over_http(token):
    return make_client().post("/api/v1/auth/jwt/refresh/", {"refresh": token}, format="json").status_code


def test_of_twenty_refreshes_with_one_token_exactly_one_wins():
    token = issue_tokens(user=make_user()).refresh

    statuses = race([lambda: refresh_over_http(token)] * CONTENDERS)

    assert Counter(statuses) == {200: 1, 401: CONTENDERS - 1}


def test_losers_that_had_begun_in_time_do_not_end_the_login():
    claims = read_token(issue_tokens(user=make_user()).refresh)
    begun_at = now()

    outcomes = race([lambda: sessions._rotate(claims=claims, begun_at=begun_at, now=None)] * CONTENDERS)

    pairs = [outcome for outcome in outcomes if isinstance(outcome, TokenPair)]
    assert len(pairs) == 1
    assert sum(isinstance(outcome, TokenReused) for outcome in outcomes) == CONTENDERS - 1
    assert RefreshFamily.objects.get().revoked_at is None
    assert refresh_over_http(pairs[0].refresh) == 200


def test_control_without_the_row_lock_several_win(monkeypatch):
    token = issue_tokens(user=make_user()).refresh
    all_have_read = Barrier(CONTENDERS)

    def read_without_lock(claims):
        family = RefreshFamily.objects.select_related("user").get(pk=claims.family, revoked_at=None)
        all_have_read.wait(PATIENCE)
        return family

    monkeypatch.setattr(sessions, "_lock_living_family", read_without_lock)

    statuses = race([lambda: refresh_over_http(token)] * CONTENDERS)

    assert Counter(statuses)[200] > 1
