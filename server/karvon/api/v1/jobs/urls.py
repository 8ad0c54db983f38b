"""Imports and exports of catalogues."""

from django.urls import path

from karvon.api.v1.jobs import views

urlpatterns = [
    path("import-jobs/", views.ImportJobListView.as_view()),
    path("import-jobs/<int:job_id>/", views.ImportJobView.as_view()),
    path("import-jobs/<int:job_id>/refused-rows/", views.RefusedRowListView.as_view()),
    path("import-jobs/<int:job_id>/refused-rows/file/", views.RefusedRowFileView.as_view()),
    path("export-jobs/", views.ExportJobListView.as_view()),
    path("export-jobs/<int:job_id>/", views.ExportJobView.as_view()),
    path("export-jobs/<int:job_id>/file/", views.ExportFileView.as_view()),
]
