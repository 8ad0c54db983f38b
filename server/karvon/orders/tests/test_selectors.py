from __future__ import annotations

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import make_variant
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.selectors import has_received
from karvon.orders.services import cancel_lines, transition_fulfilment
from karvon.orders.tests.factories import make_order, part_of

pytestmark = pytest.mark.django_db


def test_who_has_received_a_product():
    """Handed over, not called off before, and not brought back."""
    merchant = make_merchant()
    kept, left_out = (make_variant(merchant=merchant, units=5) for _ in range(2))
    order = make_order((kept, 1), (left_out, 2))
    part, line = part_of(order), order.lines.get(variant=left_out)
    cancel_lines(fulfilment_id=part.pk, quantities={line.pk: 2}, actor=merchant.owner)
    assert not has_received(order.customer_id, kept.product_id)

    for state in ("packed", "shipped", "delivered"):
        transition_fulfilment(fulfilment_id=part.pk, to=state, actor=merchant.owner)

    assert has_received(order.customer_id, kept.product_id)
    assert not has_received(order.customer_id, left_out.product_id)
    assert not has_received(make_user().pk, kept.product_id)
    transition_fulfilment(fulfilment_id=part.pk, to="returned", actor=merchant.owner)
    assert not has_received(order.customer_id, kept.product_id)
