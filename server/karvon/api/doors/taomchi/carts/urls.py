"""Addresses of lines in the cart."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.taomchi.carts.views import CartAddView, CartItemView

urlpatterns = [
    path("cart/add/", CartAddView.as_view()),
    path("cart/items/<int:line_id>/", CartItemView.as_view()),
]
