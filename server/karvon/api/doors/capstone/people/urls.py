"""Addresses of registrations, logins and the own account."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.capstone.people import views

urlpatterns = [
    path("auth/users/", views.UserListView.as_view()),
    path("auth/users/me/", views.MeView.as_view()),
    path("auth/jwt/create/", views.TokenCreateView.as_view()),
    path("auth/jwt/refresh/", views.TokenRefreshView.as_view()),
    path("auth/jwt/verify/", views.TokenVerifyView.as_view()),
]
