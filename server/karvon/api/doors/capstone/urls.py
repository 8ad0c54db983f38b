"""Addresses of the storefront contract, from the root of the server."""

from __future__ import annotations

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

RESOURCES = ("products", "collections", "carts", "orders", "customers", "people", "payments")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"karvon.api.doors.capstone.{resource}.urls")) for resource in RESOURCES
]
