"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

from karvon.api.market.examples import PRODUCT

CATEGORIES_ANSWER = OpenApiExample(
    "category",
    value={
        "id": 3,
        "name": "Phones",
        "slug": "phones",
        "image": "http://localhost:8000/media/c1/c1d2e3.jpg",
        "product_count": 12,
        "parent": None,
    },
    response_only=True,
)
PRODUCT_ANSWER = OpenApiExample("product", value=PRODUCT, response_only=True)
PRODUCT_PAGE_ANSWER = OpenApiExample(
    "product",
    value=PRODUCT
    | {
        "reviews": {
            "average_rating": 4.5,
            "reviews_count": 2,
            "by_rating": {"1": 0, "2": 0, "3": 0, "4": 1, "5": 1},
        }
    },
    response_only=True,
)
