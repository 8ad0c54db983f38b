"""The address of the cart."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.shared.carts.views import CartView

urlpatterns = [path("cart/", CartView.as_view())]
