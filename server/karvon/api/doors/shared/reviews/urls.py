"""The address of reviews."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.shared.reviews.views import ReviewListView

urlpatterns = [path("reviews/", ReviewListView.as_view())]
