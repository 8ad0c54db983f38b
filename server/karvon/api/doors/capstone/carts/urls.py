"""Addresses of carts."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.capstone.carts import views

urlpatterns = [
    path("store/carts/", views.CartListView.as_view()),
    path("store/carts/<uuid:cart_id>/", views.CartView.as_view()),
    path("store/carts/<uuid:cart_id>/items/", views.ItemListView.as_view()),
    path("store/carts/<uuid:cart_id>/items/<int:item_id>/", views.ItemView.as_view()),
]
