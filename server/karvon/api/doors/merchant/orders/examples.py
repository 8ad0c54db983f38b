"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

ORDER = {
    "id": 814500123456789,
    "number": "260101-4821789",
    "merchant": 3,
    "customer_name": "Dilshod",
    "customer_phone": "+998901112233",
    "customer_email": "",
    "address": "Amir Temur 12",
    "items": [
        {
            "id": 31,
            "product_id": 7,
            "variant_id": 9,
            "title": "Ikat scarf",
            "sku": "ikat-scarf",
            "options": {},
            "modifiers": [],
            "image": "https://shop.example/media/images/3f/9a/3f9a5c0e.jpg",
            "quantity": 2,
            "cancelled_quantity": 0,
            "price": "250000.00",
            "discount": "0.00",
            "total": "500000.00",
        }
    ],
    "subtotal": "500000.00",
    "discount": "0.00",
    "delivery_fee": "15000.00",
    "tax": "0.00",
    "total": "515000.00",
    "currency": "UZS",
    "status": "confirmed",
    "payment_status": "pending",
    "payment_method": "cash",
    "delivery_type": "delivery",
    "confirmation_method": "whatsapp",
    "note": "",
    "created_at": "2026-01-01T14:30:00Z",
}
ANSWER = OpenApiExample("order", value=ORDER, response_only=True)
STATUS = OpenApiExample("next step", value={"status": "packed"}, request_only=True)
