"""Addresses that only the food ordering contract has: one package per resource."""

from __future__ import annotations

from django.urls import include, path

from karvon.api.doors.taomchi.health import FoodHealthView

RESOURCES = ("carts", "orders", "branches", "auth")

urlpatterns = [
    *(path("", include(f"karvon.api.doors.taomchi.{resource}.urls")) for resource in RESOURCES),
    path("health/", FoodHealthView.as_view()),
]
