"""Pages of the demo; included only where KARVON_DEMO is on."""

from django.urls import path

from karvon.notifications import demo

urlpatterns = [
    path("mail/", demo.mail_list, name="demo-mail"),
    path("mail/<slug:file>/<int:index>/", demo.mail_detail, name="demo-mail-detail"),
    path("mail/<slug:file>/<int:index>/html/", demo.mail_html, name="demo-mail-html"),
]
