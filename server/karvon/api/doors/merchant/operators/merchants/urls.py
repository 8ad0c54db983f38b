"""Addresses under `/api/admin/merchants`."""

from django.urls import path

from karvon.api.doors.merchant.operators.merchants.views import (
    OperatorActivateView,
    OperatorKycView,
    OperatorMerchantListView,
    OperatorMerchantView,
    OperatorSuspendView,
)

urlpatterns = [
    path("merchants/", OperatorMerchantListView.as_view(), name="operator-merchants"),
    path("merchants/<int:merchant_id>/", OperatorMerchantView.as_view(), name="operator-merchant"),
    path(
        "merchants/<int:merchant_id>/suspend/",
        OperatorSuspendView.as_view(),
        name="operator-merchant-suspend",
    ),
    path(
        "merchants/<int:merchant_id>/activate/",
        OperatorActivateView.as_view(),
        name="operator-merchant-activate",
    ),
    path("merchants/<int:merchant_id>/kyc/", OperatorKycView.as_view(), name="operator-merchant-kyc"),
]
