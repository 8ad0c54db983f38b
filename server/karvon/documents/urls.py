from django.urls import path

from karvon.documents import pages

urlpatterns = [
    path("<str:code>/", pages.document_page),
    path("<str:code>/pdf/", pages.document_file),
]
