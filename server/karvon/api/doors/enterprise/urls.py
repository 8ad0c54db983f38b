"""Addresses that only the SKU marketplace contract has: one package per resource."""

from __future__ import annotations

from django.urls import include, path

RESOURCES = ("auth", "checkout", "payments")

urlpatterns = [path("", include(f"karvon.api.doors.enterprise.{resource}.urls")) for resource in RESOURCES]
