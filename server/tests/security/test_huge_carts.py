"""A cart of ten thousand lines, however it came to be: it comes back from its copy whole, takes no further line, and is
ordered with every line or refused in the documented way.
"""

from __future__ import annotations

from itertools import combinations, islice
from uuid import UUID, uuid4

import pytest

from karvon.accounts.tests.factories import make_client
from karvon.carts import store
from karvon.carts.lines import CartLine, line_id_of, to_document, to_ms
from karvon.carts.models import CartCheckpoint
from karvon.carts.owner import CartOwner
from karvon.carts.tests.factories import make_modifier_group
from karvon.catalog.models import Variant
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.kernel import clock
from karvon.orders.models import Order, OrderLine

pytestmark = pytest.mark.django_db
LINES = 10_000


@pytest.fixture
def variant() -> Variant:
    """Enough of it, with fourteen toppings: two to the fourteenth ways to want it."""
    made = make_variant(units=2 * LINES)
    make_modifier_group(made.product, deltas=("1",) * 14, max_picks=14)
    return made


def make_cart(variant: Variant) -> str:
    """The id of a guest's cart with one unit of every choice; it comes back from its copy when it is first asked for."""
    group = variant.product.modifier_links.get().group
    toppings = list(group.modifiers.order_by("pk").values_list("pk", flat=True))
    choices = (picks for size in range(15) for picks in combinations(toppings, size))
    now = clock.now()
    fields = {"u": "", "v": "7", "c": str(to_ms(now)), "t": str(to_ms(now))}
    for picks in islice(choices, LINES):
        line = CartLine(
            id=line_id_of(variant.pk, picks),
            variant_id=variant.pk,
            modifier_ids=picks,
            quantity=1,
            seen_price=variant.price + len(picks),
            seen_currency=variant.product.currency,
            added_ms=to_ms(now),
        )
        fields |= {f"l{line.id}": line.packed, f"q{line.id}": "1"}
    cart_id = uuid4()
    CartCheckpoint.objects.create(cart_id=cart_id, document=to_document(fields), version=7, changed_at=now)
    return str(cart_id)


def test_v1_orders_all_or_nothing(variant: Variant) -> None:
    guest = make_client()
    guest.credentials(HTTP_X_CART_ID=make_cart(variant))

    answer = guest.post(
        "/api/v1/orders/",
        {
            "payment_method": "cash",
            "delivery_address": {"line1": "Amir Temur 1", "city": "Tashkent"},
            "contact": {"name": "Aziza", "phone": "+998901234567"},
        },
        "json",
    )

    level = level_of(variant)
    if answer.status_code == 201:
        assert OrderLine.objects.filter(order=Order.objects.get()).count() == LINES
        assert level.on_hand - level.reserved == LINES
    else:
        assert answer.status_code < 500, answer.content[:500]
        assert not Order.objects.exists()
        assert (level.on_hand, level.reserved) == (2 * LINES, 0)


def test_the_storefront_takes_no_more_lines(variant: Variant) -> None:
    client, cart_id = make_client(), make_cart(variant)
    other = make_variant(units=5).product_id

    refused = client.post(f"/store/carts/{cart_id}/items/", {"product_id": other, "quantity": 1}, "json")
    kept = store.read(CartOwner(cart_id=UUID(cart_id))).snapshot

    assert (refused.status_code, set(refused.json())) == (409, {"error", "code", "details"})
    assert kept is not None
    assert len(kept.lines) == LINES
