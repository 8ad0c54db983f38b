from django.urls import path

from karvon.api.v1.orders import views

urlpatterns = [
    path("orders/", views.OrderListView.as_view()),
    path("orders/<int:order_id>/", views.OrderView.as_view()),
    path("orders/<int:order_id>/cancel/", views.OrderCancelView.as_view()),
    path("orders/<int:order_id>/mark-paid/", views.OrderPaidView.as_view()),
    path("orders/<int:order_id>/refund/", views.OrderRefundView.as_view()),
    path("orders/<int:order_id>/reorder/", views.OrderReorderView.as_view()),
    path("orders/<int:order_id>/timeline/", views.OrderTimelineView.as_view()),
    path("fulfilments/", views.FulfilmentListView.as_view()),
    path("fulfilments/<int:fulfilment_id>/", views.FulfilmentView.as_view()),
    path("fulfilments/<int:fulfilment_id>/transition/", views.FulfilmentTransitionView.as_view()),
    path("fulfilments/<int:fulfilment_id>/cancel-lines/", views.FulfilmentCancelLinesView.as_view()),
]
