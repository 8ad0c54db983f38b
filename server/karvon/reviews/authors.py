"""How the author of a review is called in public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from karvon.accounts.models import User


def public_name(user: User) -> str:
    """First name and initial; never the name, email or phone that somebody logs in with."""
    if user.closed_at is not None:
        return _("Former customer")
    if user.first_name:
        return f"{user.first_name} {user.last_name[:1]}." if user.last_name else user.first_name
    return _("Customer")
