"""Addresses under `/api/merchant/payouts`."""

from django.urls import path

from karvon.api.doors.merchant.payouts import views

urlpatterns = [path("payouts/", views.PayoutsView.as_view())]
