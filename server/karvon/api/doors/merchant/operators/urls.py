"""Addresses under `/api/admin/`: one package per resource."""

from django.urls import include, path

RESOURCES = ("merchants", "notifications", "statistics", "audit")

urlpatterns = [
    path("", include(f"karvon.api.doors.merchant.operators.{resource}.urls")) for resource in RESOURCES
]
