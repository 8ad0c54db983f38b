from django.urls import path

from karvon.api.v1.audit import views

urlpatterns = [path("audit-logs/", views.AuditLogView.as_view())]
