"""Addresses under `/api/merchant/statistics`."""

from django.urls import path

from karvon.api.doors.merchant.statistics import views

urlpatterns = [path("statistics/", views.StatisticsView.as_view())]
