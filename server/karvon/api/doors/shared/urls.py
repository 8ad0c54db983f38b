"""Addresses of two contracts at once."""

from __future__ import annotations

from django.urls import include, path

RESOURCES = ("catalog", "carts", "reviews", "orders")

urlpatterns = [path("", include(f"karvon.api.doors.shared.{resource}.urls")) for resource in RESOURCES]
