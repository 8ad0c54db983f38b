from django.urls import path

from karvon.api.v1.inventory import views

urlpatterns = [
    path("stock/", views.StockLevelListView.as_view()),
    path("stock/adjust/", views.StockAdjustView.as_view()),
    path("stock/receive/", views.StockReceiveView.as_view()),
    path("stock/transfer/", views.StockTransferView.as_view()),
    path("stock/movements/", views.StockMovementListView.as_view()),
    path("stock/<int:level_id>/", views.StockLevelView.as_view()),
]
