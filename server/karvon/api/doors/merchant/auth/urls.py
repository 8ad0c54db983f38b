"""Addresses under `/api/auth/`."""

from django.urls import path

from karvon.api.doors.merchant.auth.views import (
    MerchantLoginView,
    MerchantPasswordResetConfirmView,
    MerchantPasswordResetView,
    MerchantRegisterView,
    MerchantTokenRefreshView,
)

urlpatterns = [
    path("register/", MerchantRegisterView.as_view()),
    path("login/", MerchantLoginView.as_view()),
    path("password-reset/", MerchantPasswordResetView.as_view()),
    path("password-reset/confirm/", MerchantPasswordResetConfirmView.as_view()),
    path("token/refresh/", MerchantTokenRefreshView.as_view()),
]
