"""The canonical API: one package per room, each with its own `urls`."""

from django.urls import include, path

# addresses are tried in this order: what shoppers ask for most goes first
ROOMS = (
    "catalog",
    "carts",
    "orders",
    "payments",
    "accounts",
    "merchants",
    "reviews",
    "media",
    "inventory",
    "promotions",
    "jobs",
    "ledger",
    "documents",
    "audit",
    "notifications",
    "customers",
    "analytics",
)

urlpatterns = [path("", include(f"karvon.api.v1.{room}.urls")) for room in ROOMS]
