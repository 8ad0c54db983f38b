"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

MERCHANT = {
    "id": 3,
    "username": "samarkand-plov",
    "name": "Samarkand Plov",
    "description": "Plov from the cauldron, from eleven on.",
    "kind": "restaurant",
    "state": "active",
    "is_verified": True,
    "logo": None,
    "currency": "UZS",
    "default_language": "uz",
    "created_at": "2026-01-01T14:30:00Z",
}
MERCHANT_FULL = MERCHANT | {
    "email": "hello@samarkand-plov.example",
    "phone": "+998712000000",
    "timezone": "Asia/Tashkent",
    "tax_rate": "12.00",
    "payment_preference": "cash",
    "whatsapp_link": "https://wa.me/998901234567",
    "instagram_link": "https://www.instagram.com/samarkandplov/",
    "facebook_link": "",
    "description_uz": "",
    "description_ru": "",
    "description_en": "Plov from the cauldron, from eleven on.",
    "description_ar": "",
}
BRANCH = {
    "id": 5,
    "merchant": {"id": 3, "username": "samarkand-plov", "name": "Samarkand Plov"},
    "name": "Chorsu",
    "address": "Navoi 7",
    "city": "Tashkent",
    "latitude": "41.326142",
    "longitude": "69.228439",
    "phone": "+998712000001",
    "is_active": True,
    "is_default": True,
    "offers_delivery": True,
    "offers_pickup": True,
    "currency": "UZS",
    "delivery_fee": "15000.00",
    "free_delivery_from": "200000.00",
    "minimum_order": "30000.00",
    "created_at": "2026-01-01T14:30:00Z",
    "name_uz": "Chorsu",
    "name_ru": "",
    "name_en": "Chorsu",
    "name_ar": "",
    "address_uz": "",
    "address_ru": "",
    "address_en": "Navoi 7",
    "address_ar": "",
}
STAFF = {
    "id": 11,
    "user": {"id": 42, "username": "aziza", "first_name": "Aziza", "last_name": "Karimova"},
    "role": "cashier",
    "is_active": True,
    "created_at": "2026-01-01T14:30:00Z",
}

MERCHANT_ANSWER = OpenApiExample("merchant", value=MERCHANT, response_only=True)
MERCHANT_FULL_ANSWER = OpenApiExample("merchant", value=MERCHANT_FULL, response_only=True)
MERCHANT_REQUEST = OpenApiExample(
    "register",
    value={"username": "samarkand-plov", "name": "Samarkand Plov", "kind": "restaurant", "currency": "UZS"},
    request_only=True,
)
MERCHANT_UPDATE = OpenApiExample("rename", value={"name": "Plov of Samarkand"}, request_only=True)
MEMBERSHIP_ANSWER = OpenApiExample(
    "membership", value={"merchant": MERCHANT, "role": "owner"}, response_only=True
)
BRANCH_ANSWER = OpenApiExample("branch", value=BRANCH, response_only=True)
BRANCH_REQUEST = OpenApiExample(
    "branch",
    value={"name": "Chorsu", "address": "Navoi 7", "city": "Tashkent", "delivery_fee": "15000.00"},
    request_only=True,
)
BRANCH_UPDATE = OpenApiExample("fee", value={"delivery_fee": "12000.00"}, request_only=True)
STAFF_ANSWER = OpenApiExample("staff", value=STAFF, response_only=True)
STAFF_REQUEST = OpenApiExample(
    "take on", value={"user": "aziza@example.com", "role": "cashier"}, request_only=True
)
STAFF_UPDATE = OpenApiExample("suspend", value={"is_active": False}, request_only=True)
