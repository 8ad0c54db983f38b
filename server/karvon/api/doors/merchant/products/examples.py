"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

PRODUCT = {
    "id": 7,
    "merchant": 3,
    "title": "Ikat scarf",
    "description": "Silk, woven by hand in Margilan.",
    "price": "250000.00",
    "currency": "UZS",
    "stock": 12,
    "in_stock": True,
    "images": ["https://shop.example/media/images/3f/9a/3f9a5c0e.jpg"],
    "image_ids": [51],
    "category": 12,
    "category_name": "Scarves",
    "slug": "ikat-scarf",
    "variants": [
        {
            "id": 9,
            "sku": "ikat-scarf",
            "title": "",
            "price": "250000.00",
            "stock": 12,
            "in_stock": True,
            "options": {},
        }
    ],
    "created_at": "2026-01-01T14:30:00Z",
    "updated_at": "2026-01-01T14:30:00Z",
}
OWN = PRODUCT | {"state": "published"}
ANSWER = OpenApiExample("product", value=OWN, response_only=True)
CREATE = OpenApiExample(
    "a product",
    value={
        "title": "Ikat scarf",
        "description": "Silk, woven by hand in Margilan.",
        "price": "250000.00",
        "stock": 12,
        "images": [51],
    },
    request_only=True,
)
CHANGE = OpenApiExample("what is left", value={"stock": 8}, request_only=True)
