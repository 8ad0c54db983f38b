"""Every write of this room."""

from karvon.merchants.services.branches import create_branch, delete_branch, update_branch
from karvon.merchants.services.merchants import register_merchant, update_merchant
from karvon.merchants.services.registering import register_person_with_shop
from karvon.merchants.services.staff import (
    add_staff,
    add_staff_by_name,
    forget_person,
    remove_staff,
    update_staff,
)
from karvon.merchants.services.states import (
    activate_merchant,
    close_merchant,
    suspend_merchant,
)

__all__ = [
    "activate_merchant",
    "add_staff",
    "add_staff_by_name",
    "close_merchant",
    "create_branch",
    "delete_branch",
    "forget_person",
    "register_merchant",
    "register_person_with_shop",
    "remove_staff",
    "suspend_merchant",
    "update_branch",
    "update_merchant",
    "update_staff",
]
