"""Addresses of the merchant platform contract: one package per resource, each with its own `urls`, relative to the prefix here."""

from django.urls import include, path

# resource → where its addresses begin, under /api/
RESOURCES = {
    "auth": "auth/",
    "me": "merchant/",
    "products": "merchant/",
    "orders": "merchant/",
    "images": "merchant/",
    "statistics": "merchant/",
    "customers": "merchant/",
    "payouts": "merchant/",
    "notifications": "merchant/",
    "store": "store/",
    "operators": "admin/",
}

urlpatterns = [
    path(prefix, include(f"karvon.api.doors.merchant.{resource}.urls"))
    for resource, prefix in RESOURCES.items()
]
