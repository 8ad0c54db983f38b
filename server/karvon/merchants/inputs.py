"""What a new merchant, branch or member of staff is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings

from karvon.merchants.models import MerchantKind, PaymentPreference


@dataclass(frozen=True)
class MerchantInput:
    """`description` is in the language active at the call; amounts of the shop are in `currency` for good."""

    username: str
    name: str
    description: str = ""
    kind: str = MerchantKind.SHOP
    email: str = ""
    phone: str = ""
    currency: str = field(default_factory=lambda: str(settings.KARVON_DEFAULT_CURRENCY))
    default_language: str = "uz"
    timezone: str = "Asia/Tashkent"
    tax_rate: Decimal = Decimal(0)
    payment_preference: str = PaymentPreference.ANY
    whatsapp_link: str = ""
    instagram_link: str = ""
    facebook_link: str = ""


@dataclass(frozen=True)
class BranchInput:
    """`name` and `address` are in the language active at the call; fees in the merchant's currency."""

    name: str
    address: str = ""
    city: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    phone: str = ""
    is_active: bool = True
    is_default: bool = False
    offers_delivery: bool = True
    offers_pickup: bool = True
    delivery_fee: Decimal = Decimal(0)
    free_delivery_from: Decimal | None = None
    minimum_order: Decimal = Decimal(0)
