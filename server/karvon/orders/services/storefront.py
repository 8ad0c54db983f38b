"""An order at the page of one shop: its goods are named with it, no cart is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from karvon.carts.services import Pick, assemble_cart
from karvon.kernel import clock
from karvon.merchants.models import Merchant, PaymentPreference
from karvon.orders.models import Order, PaymentMethod
from karvon.orders.services.placing import PlaceOrder, place_order_of


def order_at_store(
    *, merchant: Merchant, command: PlaceOrder, picks: Sequence[Pick], now: datetime | None = None
) -> Order:
    """Make an order of these goods of the shop, paid when it is handed over; `command.payment_method` may be left empty.

    Raises what `assemble_cart` and `place_order` raise; then nothing was changed.
    """
    now = now or clock.now()
    snapshot = assemble_cart(picks, merchant_id=merchant.pk, language=command.language, now=now)
    method = command.payment_method or _preferred(merchant)
    return place_order_of(command=replace(command, payment_method=method), snapshot=snapshot, now=now)


def _preferred(merchant: Merchant) -> str:
    if merchant.payment_preference == PaymentPreference.CARD_ON_DELIVERY:
        return PaymentMethod.CARD_ON_DELIVERY
    return PaymentMethod.CASH
