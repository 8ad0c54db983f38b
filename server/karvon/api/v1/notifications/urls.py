from django.urls import path

from karvon.api.v1.notifications import views

urlpatterns = [
    path("notifications/", views.NotificationListView.as_view()),
    path("notifications/unread-count/", views.UnreadCountView.as_view()),
    path("notifications/read/", views.ReadAllView.as_view()),
    path("notifications/preferences/", views.PreferencesView.as_view()),
    path("notifications/<int:message_id>/read/", views.ReadView.as_view()),
]
