"""Addresses under `/api/merchant/orders`."""

from django.urls import path

from karvon.api.doors.merchant.orders.views import (
    MerchantOrderListView,
    MerchantOrderStatusView,
    MerchantOrderView,
)

urlpatterns = [
    path("orders/", MerchantOrderListView.as_view()),
    path("orders/<int:order_id>/", MerchantOrderView.as_view()),
    path("orders/<int:order_id>/status/", MerchantOrderStatusView.as_view()),
]
