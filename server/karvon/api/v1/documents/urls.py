from django.urls import path

from karvon.api.v1.documents import views

urlpatterns = [
    path("orders/<int:order_id>/invoice/", views.OrderInvoiceView.as_view()),
    path("orders/<int:order_id>/documents/", views.OrderDocumentListView.as_view()),
    path("documents/", views.DocumentListView.as_view()),
    path("documents/<int:document_id>/pdf/", views.DocumentFileView.as_view()),
]
