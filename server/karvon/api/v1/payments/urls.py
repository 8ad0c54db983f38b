"""Addresses of payments. Those of callbacks are in the cabinets of providers: they never change."""

from __future__ import annotations

from django.urls import path

from karvon.api.v1.payments import views

urlpatterns = [
    path("payments/", views.PaymentListView.as_view()),
    path("payments/callbacks/<slug:provider>/", views.HearProvider.as_view()),
    path("payments/callbacks/<slug:provider>/<slug:action>/", views.HearProviderCall.as_view()),
    # of a merchant's own account; its key is not guessable
    path("payments/callbacks/of/<str:account_key>/<slug:provider>/", views.HearAccount.as_view()),
    path(
        "payments/callbacks/of/<str:account_key>/<slug:provider>/<slug:action>/",
        views.HearAccountCall.as_view(),
    ),
    path("payments/<int:payment_id>/", views.PaymentView.as_view()),
    path("payments/<int:payment_id>/refund/", views.PaymentRefundView.as_view()),
]
