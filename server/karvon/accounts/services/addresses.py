"""The address book. The person's row is the lock: whoever holds it may move the default."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from karvon.accounts.errors import AddressNotFound, TooManyAddresses
from karvon.accounts.models import Address, User
from karvon.accounts.names import normalise_phone, refuse
from karvon.kernel.db import transactional

MAX_ADDRESSES = 50
COUNTRY_PATTERN = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class AddressInput:
    """A whole address; coordinates in degrees, both or neither; country as ISO 3166 alpha-2."""

    line1: str
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = "UZ"
    label: str = ""
    recipient: str = ""
    phone: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    instructions: str = ""
    is_default: bool = False


ADDRESS_FIELDS = frozenset(field.name for field in fields(AddressInput)) - {"is_default"}


def _lock_owner(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _check(address: Address) -> None:
    address.country = address.country.upper()
    if not COUNTRY_PATTERN.fullmatch(address.country):
        raise refuse("country", _("Use the two-letter code of the country."))
    if address.phone:
        address.phone = normalise_phone(address.phone)
    if (address.latitude is None) != (address.longitude is None):
        raise refuse("latitude", _("Give both coordinates or neither."))
    if address.latitude is not None and not -90 <= address.latitude <= 90:
        raise refuse("latitude", _("A latitude is between -90 and 90."))
    if address.longitude is not None and not -180 <= address.longitude <= 180:
        raise refuse("longitude", _("A longitude is between -180 and 180."))


def _make_default(address: Address) -> None:
    """Takes the mark off the old default first: the unique index allows no moment with two."""
    Address.objects.filter(user_id=address.user_id, is_default=True).exclude(pk=address.pk).update(
        is_default=False
    )
    address.is_default = True


@transactional
def create_address(*, user: User, address: AddressInput) -> Address:
    """A new address; the first one is the default. Raises ValidationFailed or TooManyAddresses."""
    _lock_owner(user)
    count = user.addresses.count()
    if count >= MAX_ADDRESSES:
        raise TooManyAddresses
    row = Address(user=user, **{field: getattr(address, field) for field in ADDRESS_FIELDS})
    _check(row)
    if address.is_default or count == 0:
        _make_default(row)
    row.save()
    return row


@transactional
def update_address(*, user: User, address_id: int, changes: dict[str, Any]) -> Address:
    """Changes the named fields. The default mark moves by setting it elsewhere, never by taking it off.

    Raises AddressNotFound or ValidationFailed.
    """
    _lock_owner(user)
    row = _own(user, address_id)
    for field in ADDRESS_FIELDS & changes.keys():
        setattr(row, field, changes[field])
    _check(row)
    if changes.get("is_default"):
        _make_default(row)
    elif "is_default" in changes and row.is_default:
        raise refuse("is_default", _("Make another address the default instead."))
    row.save()
    return row


@transactional
def delete_address(*, user: User, address_id: int) -> None:
    """Removes an address; the oldest one left becomes the default if this was it."""
    _lock_owner(user)
    row = _own(user, address_id)
    row.delete()
    if row.is_default and (heir := user.addresses.order_by("id").first()) is not None:
        _make_default(heir)
        heir.save(update_fields=["is_default"])


def _own(user: User, address_id: int) -> Address:
    row = user.addresses.filter(pk=address_id).first()
    if row is None:
        raise AddressNotFound
    return row
