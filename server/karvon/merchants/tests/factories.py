"""Merchants for tests of every room."""

from __future__ import annotations

from itertools import count
from typing import Any

from karvon.accounts.models import Role, User
from karvon.accounts.tests.factories import make_user
from karvon.merchants.models import Branch, Merchant, MerchantStaff, StaffRole

_numbers = count(1)


def make_branch(merchant: Merchant, **fields: Any) -> Branch:
    """A branch; the first one of a merchant is its default."""
    number = next(_numbers)
    fields.setdefault("name", f"Branch {number}")
    fields.setdefault("is_default", not Branch.objects.filter(merchant=merchant, is_default=True).exists())
    return Branch.objects.create(merchant=merchant, **fields)


def make_merchant(*, owner: User | None = None, with_branch: bool = True, **fields: Any) -> Merchant:
    """An active shop with an owner and its default branch."""
    number = next(_numbers)
    fields.setdefault("username", f"shop{number}")
    fields.setdefault("name", f"Shop {number}")
    fields.setdefault("currency", "UZS")
    merchant = Merchant.objects.create(owner=owner or make_user(role=Role.MERCHANT), **fields)
    if with_branch:
        make_branch(merchant, is_default=True)
    return merchant


def make_staff(
    merchant: Merchant, *, user: User | None = None, role: StaffRole | str = StaffRole.MANAGER, **fields: Any
) -> MerchantStaff:
    """Somebody who works for this merchant."""
    user = user or make_user(role=Role.MERCHANT_STAFF)
    return MerchantStaff.objects.create(merchant=merchant, user=user, role=role, **fields)
