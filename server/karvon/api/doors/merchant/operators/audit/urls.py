"""Addresses under `/api/admin/audit-logs`."""

from django.urls import path

from karvon.api.doors.merchant.operators.audit.views import AdminAuditLogView

urlpatterns = [path("audit-logs/", AdminAuditLogView.as_view())]
