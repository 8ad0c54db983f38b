"""Addresses under `/api/store/`."""

from django.urls import path

from karvon.api.doors.merchant.store.views import StoreOrderView, StorePageView

urlpatterns = [
    path("<str:username>/", StorePageView.as_view()),
    path("<str:username>/orders/", StoreOrderView.as_view()),
]
