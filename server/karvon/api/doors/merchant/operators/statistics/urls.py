"""Addresses under `/api/admin/statistics`."""

from django.urls import path

from karvon.api.doors.merchant.operators.statistics import views

urlpatterns = [path("statistics/", views.PlatformStatisticsView.as_view())]
