"""Addresses under `/api/admin/notifications`."""

from django.urls import path

from karvon.api.doors.merchant.operators.notifications.views import AdminNotificationsView

urlpatterns = [path("notifications/", AdminNotificationsView.as_view())]
