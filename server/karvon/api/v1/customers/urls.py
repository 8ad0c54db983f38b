"""Addresses of customers, for operators."""

from __future__ import annotations

from django.urls import path

from karvon.api.v1.customers import views

urlpatterns = [
    path("customers/", views.CustomerListView.as_view(), name="customers"),
    path("customers/<int:user_id>/", views.CustomerView.as_view(), name="customer"),
    path("customers/<int:user_id>/membership/", views.MembershipView.as_view(), name="customer-membership"),
]
