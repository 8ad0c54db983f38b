from django.urls import path

from karvon.api.v1.carts import views

urlpatterns = [
    path("cart/", views.CartView.as_view()),
    path("cart/add/", views.CartAddView.as_view()),
    path("cart/update/<int:line_id>/", views.CartUpdateView.as_view()),
    path("cart/remove/<int:line_id>/", views.CartRemoveView.as_view()),
    path("cart/clear/", views.CartClearView.as_view()),
    path("cart/coupon/", views.CartCouponView.as_view()),
    path("cart/merge/", views.CartMergeView.as_view()),
]
