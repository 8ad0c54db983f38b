from django.urls import path

from karvon.api.v1.reviews import views

urlpatterns = [
    path("reviews/", views.ReviewListView.as_view()),
    path("reviews/<int:review_id>/", views.ReviewView.as_view()),
    path("reviews/<int:review_id>/reply/", views.ReviewReplyView.as_view()),
    path("reviews/<int:review_id>/report/", views.ReviewReportView.as_view()),
    path("reviews/<int:review_id>/hide/", views.ReviewHideView.as_view()),
    path("reviews/<int:review_id>/unhide/", views.ReviewUnhideView.as_view()),
]
