"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

_FILE = "3f/9a/3f9a5c0e7d1b42a8c6e5f4d3b2a190817263544536271809a1b2c3d4e5f60718"
IMAGE = {
    "id": 51,
    "url": f"/media/images/{_FILE}.jpg",
    "width": 1200,
    "height": 900,
    "alt": "A plate of plov",
    "colour": "#c08a4e",
    "srcset": {
        "webp": [{"url": f"/media/renditions/{_FILE}-640.webp", "width": 640, "height": 480}],
        "avif": [{"url": f"/media/renditions/{_FILE}-640.avif", "width": 640, "height": 480}],
    },
    "state": "ready",
    "created_at": "2026-01-01T14:30:00Z",
}
PRODUCT_IMAGE = {
    "id": 81,
    "product": 7,
    "variant": None,
    "position": 0,
    "alt": "A plate of plov",
    "image": IMAGE,
}
IMAGE_ANSWER = OpenApiExample("picture", value=IMAGE, response_only=True)
IMAGE_UPLOAD = OpenApiExample(
    "upload",
    value={"image": "<the file>", "alt": "A plate of plov", "merchant": 1},
    media_type="multipart/form-data",
    request_only=True,
)
SIGNED_UPLOAD = OpenApiExample(
    "upload", value={"file": "<the file>"}, media_type="multipart/form-data", request_only=True
)
IMAGE_CHANGE = OpenApiExample("alternative text", value={"alt": "A plate of plov"}, request_only=True)
TICKET_REQUEST = OpenApiExample("for a merchant", value={"merchant": 1}, request_only=True)
TICKET_ANSWER = OpenApiExample(
    "ticket",
    value={
        "upload": "eyJrZXkiOiJ1cGxvYWRzLy4uLiJ9:1vN0aB:kJ3l",
        "url": "https://shop.example/api/v1/images/uploads/eyJrZXkiOiJ1cGxvYWRzLy4uLiJ9:1vN0aB:kJ3l/",
        "form": {},
        "max_bytes": 10485760,
        "expires_at": "2026-01-01T14:45:00Z",
    },
    response_only=True,
)
COMPLETE_REQUEST = OpenApiExample(
    "complete",
    value={"upload": "eyJrZXkiOiJ1cGxvYWRzLy4uLiJ9:1vN0aB:kJ3l", "alt": "A plate"},
    request_only=True,
)
PRODUCT_IMAGE_ANSWER = OpenApiExample("picture of a product", value=PRODUCT_IMAGE, response_only=True)
PRODUCT_IMAGE_REQUEST = OpenApiExample(
    "from the library", value={"asset": 51, "alt": "A plate of plov", "variant": None}, request_only=True
)
PRODUCT_IMAGE_CHANGE = OpenApiExample("for a variant", value={"variant": 12}, request_only=True)
ORDER_REQUEST = OpenApiExample("order", value={"order": [83, 81, 82]}, request_only=True)
