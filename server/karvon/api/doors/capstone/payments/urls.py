"""Addresses of payments, and the page that tries one."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.capstone.payments import views
from karvon.api.doors.capstone.payments.trial import payment_test

urlpatterns = [
    path("payments/create-payment-intent/", views.IntentView.as_view()),
    path("payments/verify-payment/", views.VerifyView.as_view()),
    path("payments/status/<int:order_id>/", views.StatusView.as_view()),
    path("payments/webhook/", views.WebhookView.as_view()),
    path("store/payment-test/", payment_test, name="payment-test"),
]
