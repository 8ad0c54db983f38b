from django.urls import path

from karvon.api.v1.promotions import views

urlpatterns = [
    path("promotions/", views.PromotionListView.as_view()),
    path("promotions/<int:promotion_id>/", views.PromotionView.as_view()),
]
