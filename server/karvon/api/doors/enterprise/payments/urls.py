"""Addresses of paying by card."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.enterprise.payments.views import CheckoutSessionView, StripeWebhookView

urlpatterns = [
    path("create-checkout-session/", CheckoutSessionView.as_view()),
    path("stripe/webhook/", StripeWebhookView.as_view()),
]
