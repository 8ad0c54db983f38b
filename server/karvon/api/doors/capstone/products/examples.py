"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

IMAGE = {"id": 5, "image": "http://localhost:8000/media/images/a1/a1b2c3.jpg"}
PRODUCT_REQUEST = OpenApiExample(
    "product",
    value={
        "title": "Bread of the day",
        "unit_price": "4500.00",
        "inventory": 40,
        "collection": 3,
        "description": "Baked at five in the morning.",
    },
    request_only=True,
)
PRODUCT_ANSWER = OpenApiExample(
    "product",
    value={
        "id": 1,
        "title": "Bread of the day",
        "slug": "bread-of-the-day",
        "description": "Baked at five in the morning.",
        "unit_price": "4500.00",
        "price_with_tax": "4500.00",
        "currency": "UZS",
        "inventory": 40,
        "collection": 3,
        "images": [IMAGE],
        "last_update": "2026-03-01T14:30:00Z",
    },
    response_only=True,
)
REVIEW_REQUEST = OpenApiExample(
    "review", value={"name": "Aziza", "description": "Still warm.", "rating": 5}, request_only=True
)
REVIEW_ANSWER = OpenApiExample(
    "review",
    value={
        "id": 7,
        "name": "Aziza",
        "description": "Still warm.",
        "rating": 5,
        "date": "2026-03-01T14:30:00Z",
    },
    response_only=True,
)
IMAGE_REQUEST = OpenApiExample(
    "picture", value={"image": "bread.jpg"}, request_only=True, media_type="multipart/form-data"
)
IMAGE_ANSWER = OpenApiExample("picture", value=IMAGE, response_only=True)
