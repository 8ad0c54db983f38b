"""What a membership takes off a cart: a rule like the others, made from the settings instead of a row."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from karvon.accounts.models import Membership
from karvon.promotions.rules import MEMBERSHIP, Rule

# after everything else, from what the promotions left
LAST = 2**31


def membership_rule(membership: str) -> Rule | None:
    """The platform's rule for customers of this membership; None where it brings nothing off."""
    percent: Decimal = settings.KARVON_MEMBERSHIP_PERCENT.get(membership, Decimal(0))
    if not percent:
        return None
    name = _("%(membership)s membership") % {"membership": Membership(membership).label}
    return Rule(
        id=0, kind=MEMBERSHIP, value=percent, currency="", name=name, priority=LAST, borne_by="platform"
    )
