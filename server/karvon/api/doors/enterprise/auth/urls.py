"""Addresses of tokens."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.enterprise.auth.views import TokenRefreshView, TokenView

urlpatterns = [
    path("token/", TokenView.as_view()),
    path("token/refresh/", TokenRefreshView.as_view()),
]
