"""Addresses of people, logins and address books."""

from __future__ import annotations

from django.urls import path

from karvon.api.v1.accounts.views.addresses import AddressListView, AddressView
from karvon.api.v1.accounts.views.people import (
    MeView,
    PasswordChangeView,
    SessionListView,
    SessionView,
    UserRegisterView,
)
from karvon.api.v1.accounts.views.resetting import PasswordResetConfirmView, PasswordResetView
from karvon.api.v1.accounts.views.tokens import (
    LogoutView,
    TokenCreateView,
    TokenRefreshView,
    TokenVerifyView,
)

urlpatterns = [
    path("auth/users/", UserRegisterView.as_view(), name="auth-users"),
    path("auth/users/me/", MeView.as_view(), name="auth-users-me"),
    path("auth/users/me/password/", PasswordChangeView.as_view(), name="auth-users-me-password"),
    path("auth/users/reset_password/", PasswordResetView.as_view(), name="auth-users-reset-password"),
    path(
        "auth/users/reset_password_confirm/",
        PasswordResetConfirmView.as_view(),
        name="auth-users-reset-password-confirm",
    ),
    path("auth/jwt/create/", TokenCreateView.as_view(), name="auth-jwt-create"),
    path("auth/jwt/refresh/", TokenRefreshView.as_view(), name="auth-jwt-refresh"),
    path("auth/jwt/verify/", TokenVerifyView.as_view(), name="auth-jwt-verify"),
    path("auth/jwt/logout/", LogoutView.as_view(), name="auth-jwt-logout"),
    path("auth/sessions/", SessionListView.as_view(), name="auth-sessions"),
    path("auth/sessions/<uuid:session_id>/", SessionView.as_view(), name="auth-session"),
    path("addresses/", AddressListView.as_view(), name="addresses"),
    path("addresses/<int:address_id>/", AddressView.as_view(), name="address"),
]
