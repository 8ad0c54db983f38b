"""Products that nobody may delete, because orders tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karvon.catalog.services import delete_product
from karvon.catalog.services.products import lock_product
from karvon.kernel.db import transactional
from karvon.orders.errors import ProductOrdered
from karvon.orders.models import OrderLine

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def delete_unordered_product(*, product_id: int, actor: User | None) -> None:
    """Delete a product that was never ordered. Raises ProductOrdered (409), and what `delete_product` raises."""
    # whoever may not change the product learns nothing of its orders
    lock_product(product_id=product_id, actor=actor)
    if OrderLine.objects.filter(product_id=product_id).exists():
        raise ProductOrdered
    delete_product(product_id=product_id, actor=actor)
