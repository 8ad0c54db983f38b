"""Whose cart."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CartOwner:
    """A customer has one cart on all devices, known by `user_id`; a guest's is known by `cart_id` alone.

    Of a customer `cart_id` is ignored, except by merging.
    """

    user_id: int | None = None
    cart_id: UUID | None = None

    @property
    def is_guest(self) -> bool:
        return self.user_id is None

    @property
    def customer_key(self) -> str | None:
        """How coupons count this customer's uses; a guest's key is only known at checkout."""
        return None if self.user_id is None else f"user:{self.user_id}"
