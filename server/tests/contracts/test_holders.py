"""A guest's order by its token, else one's own: each door says the same of an order that is not the asker's to see."""

from __future__ import annotations

import pytest

from karvon.accounts.tests.factories import make_client, make_user
from karvon.inventory.tests.factories import make_variant
from karvon.orders.tests.factories import make_guest_order, make_order

pytestmark = pytest.mark.django_db

PAGES = ("/api/v1/orders/{}/", "/api/v1/orders/{}/invoice/", "/api/orders/{}/")
BEGINNINGS = ("/api/v1/payments/", "/api/create-checkout-session/")


def answers(client, order_id, token=None):
    sent = {} if token is None else {"token": token}
    asked = [client.get(page.format(order_id), sent) for page in PAGES]
    body = {"order_id": order_id, "provider": "stripe", **sent}
    asked += [client.post(begin, body, "json") for begin in BEGINNINGS]
    return [(each.status_code, each.json()["code"], each.json()["error"]) for each in asked]


def test_all_doors_answer_alike():
    variant = make_variant(units=9)
    order, theirs = make_guest_order((variant, 1)), make_guest_order((variant, 1))
    own = make_order((variant, 1))
    nobody, stranger, customer = make_client(), make_client(make_user()), make_client(own.customer)

    unknown = set(answers(stranger, 7))
    assert {(status, code) for status, code, _text in unknown} == {(404, "order_not_found")}
    assert len(unknown) == 1
    assert set(answers(stranger, order.pk)) == unknown
    for token in ("x", "ʼ", theirs.token):
        assert set(answers(nobody, order.pk, token)) == unknown
        assert set(answers(nobody, 7, token)) == unknown
    # a token decides alone: also who may see the order gets nothing with a wrong one
    assert set(answers(customer, own.pk, theirs.token)) == unknown
    closed = set(answers(nobody, order.pk))
    assert {(status, code) for status, code, _text in closed} == {(401, "authentication_required")}
    assert len(closed) == 1
