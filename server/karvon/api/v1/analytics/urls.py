from django.urls import path

from karvon.api.v1.analytics import views

urlpatterns = [
    path("analytics/statistics/", views.PlatformStatisticsView.as_view()),
    path("analytics/merchants/<str:key>/", views.MerchantStatisticsView.as_view()),
    path("analytics/merchants/<str:key>/customers/", views.MerchantCustomersView.as_view()),
]
