"""A cart that nobody keeps: goods named in one breath with their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from karvon.carts import store
from karvon.carts.errors import ProductNotFound, TooManyLines
from karvon.carts.lines import DELIVERY, CartLine, CartSnapshot, line_id_of, to_ms
from karvon.carts.offers import Shelf, load_shelf
from karvon.carts.services.shopping import choose_modifiers, choose_offer, quantity_range, require_buyable
from karvon.kernel import clock
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import DEFAULT_LANGUAGE

NOT_KEPT = 0  # the version of a cart of which there is nothing to forget


@dataclass(frozen=True)
class Pick:
    """Units of a variant; without one, of the product's first variant that has enough."""

    quantity: int
    product_id: int | None = None
    variant_id: int | None = None
    modifier_ids: tuple[int, ...] = ()


def assemble_cart(
    picks: Sequence[Pick], *, merchant_id: int, language: str = DEFAULT_LANGUAGE, now: datetime | None = None
) -> CartSnapshot:
    """What is picked of one merchant's goods, the same choice as one line. One query.

    Raises ProductNotFound (another merchant's goods are not there either), ValidationFailed, NotEnoughLeft, MerchantClosed,
    TooManyLines (409).
    """
    now = now or clock.now()
    if not picks:
        raise ValidationFailed(details={"items": [_("There is nothing in the order.")]})
    if len(picks) > settings.KARVON_CART_MAX_LINES:
        raise TooManyLines
    shelf = load_shelf(
        {pick.variant_id for pick in picks if pick.variant_id is not None},
        {modifier for pick in picks for modifier in pick.modifier_ids},
        language=language,
        product_ids={pick.product_id for pick in picks if pick.variant_id is None and pick.product_id},
        now=now,
    )
    lines: dict[int, CartLine] = {}
    for pick in picks:
        line = _line_of(pick, shelf, merchant_id, now)
        known = lines.get(line.id)
        lines[line.id] = replace(known, quantity=known.quantity + line.quantity) if known else line
    for line in lines.values():
        if not 1 <= line.quantity <= store.MOST_OF_A_LINE:
            raise ValidationFailed(details={"items": [quantity_range()]})
        require_buyable(shelf.offers[line.variant_id], line.quantity)
    return CartSnapshot(
        cart_id=uuid4(),
        version=NOT_KEPT,
        lines=tuple(lines.values()),
        coupon=None,
        user_id=None,
        delivery_type=DELIVERY,
        created_at=now,
        updated_at=now,
        expires_at=now,
    )


def _line_of(pick: Pick, shelf: Shelf, merchant_id: int, now: datetime) -> CartLine:
    offer = choose_offer(shelf, pick.variant_id, pick.product_id, pick.quantity)
    if offer.merchant_id != merchant_id:
        raise ProductNotFound
    modifiers = choose_modifiers(offer, pick.modifier_ids)
    return CartLine(
        id=line_id_of(offer.variant_id, pick.modifier_ids),
        variant_id=offer.variant_id,
        modifier_ids=tuple(sorted(set(pick.modifier_ids))),
        quantity=pick.quantity,
        seen_price=offer.unit_price(modifiers),
        seen_currency=offer.currency,
        added_ms=to_ms(now),
    )
