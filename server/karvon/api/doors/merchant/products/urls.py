"""Addresses under `/api/merchant/products`."""

from django.urls import path

from karvon.api.doors.merchant.products.views import MerchantProductListView, MerchantProductView

urlpatterns = [
    path("products/", MerchantProductListView.as_view()),
    path("products/<int:product_id>/", MerchantProductView.as_view()),
]
