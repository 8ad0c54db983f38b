"""Examples of the shop's own page."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

MERCHANT = {
    "id": 3,
    "user": 42,
    "name": "Aziza Silk",
    "username": "aziza-silk",
    "logo": None,
    "kyc_status": "not_submitted",
    "payment_preference": "cash",
    "whatsapp_link": "https://wa.me/998901234567",
    "instagram_link": "https://www.instagram.com/azizasilk/",
    "facebook_link": "",
    "currency": "UZS",
    "is_active": True,
    "created_at": "2026-01-01T14:30:00Z",
}
MERCHANT_ANSWER = OpenApiExample("merchant", value=MERCHANT, response_only=True)
ME_REQUEST = OpenApiExample(
    "change",
    value={
        "name": "Aziza Silk",
        "username": "aziza-silk",
        "logo": None,
        "payment_preference": "cash",
        "whatsapp_link": "+998901234567",
        "instagram_link": "@azizasilk",
        "facebook_link": "",
    },
    request_only=True,
)
KYC_REQUEST = OpenApiExample(
    "papers", value={"passport": "(file)"}, request_only=True, media_type="multipart/form-data"
)
KYC_ANSWER = OpenApiExample(
    "papers",
    value=MERCHANT
    | {
        "kyc_status": "pending",
        "documents": [{"id": 7, "kind": "passport", "name": "passport.pdf", "state": "pending"}],
    },
    response_only=True,
)
