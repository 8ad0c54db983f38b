"""Addresses under `/api/merchant/me`."""

from django.urls import path

from karvon.api.doors.merchant.me.views import MeKycView, MeView

urlpatterns = [
    path("me/", MeView.as_view(), name="merchant-door-me"),
    path("me/kyc/", MeKycView.as_view(), name="merchant-door-me-kyc"),
]
