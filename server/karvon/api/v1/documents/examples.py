from drf_spectacular.utils import OpenApiExample

DOCUMENT = {
    "id": 7,
    "kind": "invoice",
    "number": "INV-2026-000012",
    "order": 244108632461312,
    "merchant": 3,
    "merchant_name": "Osh Markazi",
    "language": "uz",
    "total": "145000.00",
    "currency": "UZS",
    "issued_at": "2026-11-20T14:30:00Z",
    "page": "https://shop.example/documents/3sVJkq0cGq2uJmYx1r5gTn8bWc4dQz7e/",
    "pdf": "https://shop.example/documents/3sVJkq0cGq2uJmYx1r5gTn8bWc4dQz7e/pdf/",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "size": 31240,
}
DOCUMENT_ANSWER = OpenApiExample("document", value=DOCUMENT, response_only=True)
