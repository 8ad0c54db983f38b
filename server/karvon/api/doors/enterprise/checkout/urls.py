"""The address of the checkout."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.enterprise.checkout.views import CheckoutView

urlpatterns = [path("checkout/", CheckoutView.as_view())]
