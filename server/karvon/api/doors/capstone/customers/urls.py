"""Addresses of customers."""

from __future__ import annotations

from django.urls import path

from karvon.api.doors.capstone.customers import views

urlpatterns = [
    path("store/customers/", views.CustomerListView.as_view()),
    path("store/customers/me/", views.MeView.as_view()),
    path("store/customers/<int:user_id>/history/", views.HistoryView.as_view()),
]
