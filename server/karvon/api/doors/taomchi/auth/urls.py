"""Addresses of logins by phone and of the own profile."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.taomchi.auth.views import CodeRequestView, CodeVerifyView, MeView, TelegramView

urlpatterns = [
    path("auth/request-code/", CodeRequestView.as_view()),
    path("auth/verify-code/", CodeVerifyView.as_view()),
    path("auth/telegram/", TelegramView.as_view()),
    path("auth/me/", MeView.as_view()),
]
