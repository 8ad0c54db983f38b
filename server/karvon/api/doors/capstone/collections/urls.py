"""Addresses of collections, which are categories."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.capstone.collections import views

urlpatterns = [
    path("store/collections/", views.CollectionListView.as_view()),
    path("store/collections/<int:category_id>/", views.CollectionView.as_view()),
]
