"""Addresses of orders."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.capstone.orders import views

urlpatterns = [
    path("store/orders/", views.OrderListView.as_view()),
    path("store/orders/<int:order_id>/", views.OrderView.as_view()),
]
