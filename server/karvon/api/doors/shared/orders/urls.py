"""Addresses of somebody's own orders."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.shared.orders.views import OrderListView, OrderView

urlpatterns = [
    path("orders/", OrderListView.as_view()),
    path("orders/<int:order_id>/", OrderView.as_view()),
]
