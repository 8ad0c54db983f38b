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
SUSPENSION = OpenApiExample(
    "suspend", value={"reason": "Complaints about expired goods are being looked into."}, request_only=True
)
REASON = OpenApiExample("reason", value={"reason": "Everything has been cleared up."}, request_only=True)
STEP_ANSWER = OpenApiExample(
    "step",
    value={
        "id": 71,
        "subject": "kyc",
        "from_state": "pending",
        "to_state": "approved",
        "actor_role": "staff",
        "note": "",
        "at": "2026-01-02T09:00:00Z",
    },
    response_only=True,
)
KYC = {
    "kyc_status": "pending",
    "note": "",
    "submitted_at": "2026-01-01T14:30:00Z",
    "decided_at": None,
    "documents": [
        {
            "id": 7,
            "kind": "tax_certificate",
            "name": "certificate.pdf",
            "state": "pending",
            "created_at": "2026-01-01T14:30:00Z",
            "url": None,
        }
    ],
}
KYC_ANSWER = OpenApiExample("papers", value=KYC, response_only=True)
KYC_REQUEST = OpenApiExample(
    "papers",
    value={"passport": "(file)", "tax_certificate": "(file)"},
    request_only=True,
    media_type="multipart/form-data",
)
KYC_DECISION = OpenApiExample(
    "reject", value={"decision": "rejected", "note": "The certificate has expired."}, request_only=True
)
KYC_QUEUE_ANSWER = OpenApiExample(
    "waiting",
    value={
        "merchant": {"id": 3, "username": "samarkand-plov", "name": "Samarkand Plov"},
        "submitted_at": "2026-01-01T14:30:00Z",
    },
    response_only=True,
)
INVITATION = {
    "id": 19,
    "email": "cook@example.com",
    "role": "cook",
    "language": "uz",
    "state": "pending",
    "is_expired": False,
    "created_at": "2026-01-01T14:30:00Z",
    "expires_at": "2026-01-08T14:30:00Z",
}
INVITATION_ANSWER = OpenApiExample("invitation", value=INVITATION, response_only=True)
INVITATION_REQUEST = OpenApiExample(
    "invite", value={"email": "cook@example.com", "role": "cook", "language": "uz"}, request_only=True
)
INVITATION_TOKEN = OpenApiExample(
    "token", value={"token": "Jm3c0q1ZV5p8yN4eXb7sTd2uRk6wLh9a"}, request_only=True
)
OFFER_ANSWER = OpenApiExample(
    "offer",
    value={
        "merchant": {"id": 3, "username": "samarkand-plov", "name": "Samarkand Plov"},
        "role": "cook",
        "email": "cook@example.com",
        "has_account": False,
        "expires_at": "2026-01-08T14:30:00Z",
    },
    response_only=True,
)
INVITATION_REGISTRATION = OpenApiExample(
    "register",
    value={
        "token": "Jm3c0q1ZV5p8yN4eXb7sTd2uRk6wLh9a",
        "password": "a long passphrase of one's own",
        "username": "davron",
        "first_name": "Davron",
    },
    request_only=True,
)
INVITATION_REGISTERED = OpenApiExample(
    "registered",
    value={
        "access": "eyJhbGciOiJIUzI1NiJ9…",
        "refresh": "eyJhbGciOiJIUzI1NiJ9…",
        "membership": {"merchant": MERCHANT, "role": "cook"},
    },
    response_only=True,
)
