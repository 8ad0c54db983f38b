"""The same again: lines of an old order back into the cart."""

from __future__ import annotations

from karvon.carts import services as carts
from karvon.carts.owner import CartOwner
from karvon.kernel.errors import DomainError
from karvon.orders.models import Order


def reorder(*, order: Order, owner: CartOwner, language: str) -> list[dict[str, str]]:
    """Put what can still be bought into the cart; returns what could not, with the reason."""
    missing = []
    for line in order.lines.all():
        try:
            if line.variant_id is None:
                raise LookupError
            carts.add_line(
                owner,
                variant_id=line.variant_id,
                quantity=line.quantity,
                modifier_ids=[each["id"] for each in line.modifiers],
                language=language,
            )
        except (DomainError, LookupError) as error:
            missing.append({"title": line.title, "problem": getattr(error, "code", "withdrawn")})
    return missing
