"""Addresses of products, their reviews and their pictures."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.capstone.products import views

urlpatterns = [
    path("store/products/", views.ProductListView.as_view()),
    path("store/products/<int:product_id>/", views.ProductView.as_view()),
    path("store/products/<int:product_id>/reviews/", views.ReviewListView.as_view()),
    path("store/products/<int:product_id>/images/", views.ImageListView.as_view()),
]
