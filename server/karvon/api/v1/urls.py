"""The canonical API: one package per room, each with its own `urls`."""

from django.urls import include, path

ROOMS = (
    "accounts",
    "merchants",
    "catalog",
    "media",
    "jobs",
    "inventory",
    "promotions",
    "carts",
    "orders",
    "reviews",
)

urlpatterns = [path("", include(f"karvon.api.v1.{room}.urls")) for room in ROOMS]
