"""Addresses of categories and products."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.shared.catalog.views import CategoryListView, ProductListView, ProductView

urlpatterns = [
    path("categories/", CategoryListView.as_view()),
    path("products/", ProductListView.as_view()),
    path("products/<str:key>/", ProductView.as_view()),
]
