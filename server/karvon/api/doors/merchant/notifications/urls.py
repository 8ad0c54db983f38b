"""Addresses under `/api/merchant/notifications`."""

from django.urls import path

from karvon.api.doors.merchant.notifications.views import MerchantNotificationsView

urlpatterns = [path("notifications/", MerchantNotificationsView.as_view())]
