"""Opening a shop and keeping its particulars."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.accounts.acting import actor_of
from karvon.accounts.models import Role, User
from karvon.accounts.names import normalise_email, normalise_phone, refuse
from karvon.accounts.services import set_role
from karvon.kernel.acting import current_actor, in_name_of
from karvon.kernel.context import request_id
from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.kernel.languages import LANGUAGES
from karvon.media.models import Asset
from karvon.media.selectors import merchant_ref
from karvon.merchants.errors import OwnerNotActive, TooManyMerchants
from karvon.merchants.events import MerchantChanged
from karvon.merchants.inputs import BranchInput, MerchantInput
from karvon.merchants.links import NORMALISERS
from karvon.merchants.models import GIVEN_UP, Merchant, MerchantKind, PaymentPreference
from karvon.merchants.policies import Action, require
from karvon.merchants.services.branches import create_branch
from karvon.merchants.texts import text_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_OWNED = 10
USERNAME_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?", re.ASCII)
CURRENCY_PATTERN = re.compile(r"[A-Z]{3}")
# the currency is not among them: prices and stock of orders are counted in it
CHANGEABLE = frozenset(
    {"username", "name", "kind", "email", "phone", "default_language", "timezone", "tax_rate"}
    | {"payment_preference", *NORMALISERS}
) | frozenset(text_fields(Merchant))
# what shop windows show or fall back on
SHOWN = frozenset({"username", "name", "default_language", "tax_rate", "logo_id"})


@transactional
def register_merchant(*, owner: User, merchant: MerchantInput, branch: BranchInput | None = None) -> Merchant:
    """Opens a shop with its default branch (named like the shop unless given); its owner becomes a merchant.

    Raises ValidationFailed naming each bad or taken field, TooManyMerchants, OwnerNotActive.
    """
    # a customer who opens a shop does it as its owner; what is made without a request is nobody's deed
    opener = current_actor() or (actor_of(owner, role=Role.MERCHANT) if request_id.get() else None)
    with in_name_of(opener):
        return _open_shop(owner, merchant, branch)


def _open_shop(owner: User, merchant: MerchantInput, branch: BranchInput | None) -> Merchant:
    # the row that closing an account locks too: no shop of a closed account
    owner = User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if not owner.is_active:
        raise OwnerNotActive
    if owner.owned_merchants.exclude(state__in=GIVEN_UP).count() >= MAX_OWNED:
        raise TooManyMerchants
    row = Merchant(owner=owner, **asdict(merchant))
    _check(row, asdict(merchant))
    _save_with_unique_username(row)
    first = branch or BranchInput(name=merchant.name)
    create_branch(actor=None, merchant_id=row.pk, branch=first)
    if owner.role in {Role.CUSTOMER, Role.MERCHANT_STAFF}:
        set_role(user=owner, role=Role.MERCHANT)
    return row


@transactional
def update_merchant(*, actor: User | None, merchant_id: int, changes: Mapping[str, Any]) -> Merchant:
    """Changes the named particulars (`logo` is the id of one of the shop's pictures or None).

    Raises MerchantNotFound, RoleNotSufficient, MerchantNotActive, ValidationFailed.
    """
    require(actor, merchant_id, Action.MANAGE_MERCHANT)
    merchant = Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)
    before = {field: getattr(merchant, field) for field in SHOWN}
    accepted = {field: value for field, value in changes.items() if field in CHANGEABLE}
    for field, value in accepted.items():
        setattr(merchant, field, value)
    if "logo" in changes:
        merchant.logo_id = _own_picture(merchant.pk, changes["logo"])
    _check(merchant, accepted)
    _save_with_unique_username(merchant)
    if any(getattr(merchant, field) != value for field, value in before.items()):
        publish(MerchantChanged(merchant_id=merchant.pk))
    return merchant


def _own_picture(merchant_id: int, asset_id: int | None) -> int | None:
    if asset_id is None:
        return None
    if not Asset.objects.filter(pk=asset_id, owner_ref=merchant_ref(merchant_id)).exists():
        raise refuse("logo", _("This is not a picture of your shop."))
    return asset_id


def _check(merchant: Merchant, given: Mapping[str, Any]) -> None:
    """Normalises and checks the given fields of an unsaved row."""
    if "username" in given:
        merchant.username = normalise_shop_name(merchant.username)
    if "name" in given and not merchant.name.strip():
        raise refuse("name", _("A shop needs a name."))
    _check_contacts(merchant, given)
    if "kind" in given and merchant.kind not in MerchantKind:
        raise refuse("kind", _("A merchant is a restaurant or a shop."))
    if "currency" in given and not CURRENCY_PATTERN.fullmatch(merchant.currency):
        raise refuse("currency", _("Use the three-letter code of the currency."))
    if "default_language" in given and merchant.default_language not in LANGUAGES:
        raise refuse("default_language", _("This language is not offered."))
    if "timezone" in given and merchant.timezone not in zoneinfo.available_timezones():
        raise refuse("timezone", _("There is no such time zone."))
    if "tax_rate" in given and not 0 <= merchant.tax_rate < 100:
        raise refuse("tax_rate", _("A tax rate is a percentage from 0 to below 100."))


def _check_contacts(merchant: Merchant, given: Mapping[str, Any]) -> None:
    if given.get("email"):
        merchant.email = normalise_email(merchant.email)
    if given.get("phone"):
        merchant.phone = normalise_phone(merchant.phone)
    for field, normalise in NORMALISERS.items():
        if given.get(field):
            setattr(merchant, field, normalise(given[field]))
    if "payment_preference" in given and merchant.payment_preference not in PaymentPreference:
        raise refuse("payment_preference", _("Choose one of the ways to be paid."))


def normalise_shop_name(raw: str) -> str:
    """A shop's username is part of addresses: lower case, no dots, never digits alone (those are ids)."""
    username = unicodedata.normalize("NFKC", raw).strip().lower()
    if not USERNAME_PATTERN.fullmatch(username):
        raise refuse("username", _("Use 1 to 64 Latin letters, digits, dashes and underscores."))
    if username.isdigit():
        raise refuse("username", _("A username needs at least one letter."))
    return username


def _save_with_unique_username(merchant: Merchant) -> None:
    try:
        with transaction.atomic():
            merchant.save()
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if constraint != "merchant_username_unique_ci":
            raise
        raise refuse("username", _("This name is already taken.")) from None
