"""Addresses under `/api/merchant/customers`."""

from django.urls import path

from karvon.api.doors.merchant.customers import views

urlpatterns = [path("customers/", views.CustomersView.as_view())]
