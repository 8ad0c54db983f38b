"""A person and their shop, opened together."""

from __future__ import annotations

import unicodedata

from karvon.accounts.models import Role
from karvon.accounts.services import register_user
from karvon.accounts.services.people import Registration
from karvon.kernel.db import run_isolated
from karvon.merchants.inputs import MerchantInput
from karvon.merchants.models import Merchant
from karvon.merchants.services.merchants import register_merchant

_UNFIT_AT_THE_ENDS = "_-"


def register_person_with_shop(*, registration: Registration, shop_name: str) -> Merchant:
    """An account and its shop, or neither; the shop's page is called like the person (`shop_username`).

    Raises ValidationFailed naming each bad or taken field.
    """
    return run_isolated(lambda: _register(registration, shop_name))


def _register(registration: Registration, shop_name: str) -> Merchant:
    owner = register_user(registration=registration, role=Role.MERCHANT)
    shop = MerchantInput(
        username=shop_username(registration.username or ""),
        name=shop_name.strip(),
        email=owner.email or "",
        phone=owner.phone or "",
        default_language=owner.language,
    )
    return register_merchant(owner=owner, merchant=shop)


def shop_username(username: str) -> str:
    """What of a person's username fits into the address of a page: "Aziza.Silk_" → "aziza-silk"."""
    return unicodedata.normalize("NFKC", username).strip().replace(".", "-").strip(_UNFIT_AT_THE_ENDS).lower()
