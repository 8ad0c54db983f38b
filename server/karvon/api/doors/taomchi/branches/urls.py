"""Addresses of branches."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.taomchi.branches.views import BranchListView, NearestBranchView

urlpatterns = [
    path("branches/", BranchListView.as_view()),
    path("branches/nearest/", NearestBranchView.as_view()),
]
