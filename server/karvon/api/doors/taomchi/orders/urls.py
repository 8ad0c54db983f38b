"""Addresses of ordering and of calling off."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.taomchi.orders.views import OrderCancelView, OrderCreateView

urlpatterns = [
    path("orders/create/", OrderCreateView.as_view()),
    path("orders/<int:order_id>/cancel/", OrderCancelView.as_view()),
]
