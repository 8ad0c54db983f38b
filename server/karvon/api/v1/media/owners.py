"""Whose pictures a person may see and add to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.kernel.errors import ValidationFailed
from karvon.media.selectors import PLATFORM, get_asset, merchant_ref, user_ref
from karvon.merchants import policies
from karvon.merchants.selectors import merchant_ids_of

if TYPE_CHECKING:
    from karvon.accounts.models import User


def visible_owner_refs(user: User) -> list[str] | None:
    """Owners whose pictures `user` may see; None means all."""
    if user.is_operator:
        return None
    return [user_ref(user.pk), *(merchant_ref(merchant_id) for merchant_id in merchant_ids_of(user))]


def owner_refs_to_change(user: User, image_id: int) -> list[str]:
    """The owner of a picture that `user` may change or delete.

    Raises NotFound for strangers, and what `policies.require` raises for people of its merchant with another job.
    """
    owner_ref = get_asset(asset_id=image_id, owner_refs=visible_owner_refs(user)).owner_ref
    kind, _colon, number = owner_ref.partition(":")
    if kind == "merchant":
        policies.require(user, int(number), policies.Action.MANAGE_CATALOGUE)
    return [owner_ref]


def owner_ref_to_write(user: User, merchant_id: int | None) -> str:
    """Whose a new picture will be: the merchant's that is named, the person's only one's, the platform's,
    the person's.

    Raises what `policies.require` raises, and ValidationFailed when somebody of several merchants names none.
    """
    if merchant_id is None and not user.is_operator:
        merchant_ids = merchant_ids_of(user)
        if len(merchant_ids) > 1:
            raise ValidationFailed(
                details={"merchant": [_("Say which of your merchants the picture is for.")]}
            )
        merchant_id = next(iter(merchant_ids), None)
    if merchant_id is not None:
        policies.require(user, merchant_id, policies.Action.MANAGE_CATALOGUE)
        return merchant_ref(merchant_id)
    return PLATFORM if user.is_operator else user_ref(user.pk)
