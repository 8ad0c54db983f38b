"""Every door and page of the server."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from karvon.accounts.pages import reset_password
from karvon.api import health
from karvon.api.index import IndexView
from karvon.merchants.pages import invitation
from karvon.notifications.pages import unsubscribe
from karvon.payments.pages import return_page

handler400 = "karvon.api.errors.bad_request"
handler403 = "karvon.api.errors.permission_denied"
handler404 = "karvon.api.errors.not_found"
handler500 = "karvon.api.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="docs")),
    path("health/", health.health),
    path("health/live/", health.live),
    path("health/ready/", health.ready),
    path("api/v1/health/", health.HealthView.as_view(), name="health"),
    path("", include("karvon.api.documents")),
    path("api/v1/", IndexView.as_view(), name="index"),
    path("api/v1/", include("karvon.api.v1.urls")),
    path("", include("karvon.api.doors.urls")),
    path("documents/", include("karvon.documents.urls")),
    path("reset-password/", reset_password, name="reset-password"),
    path("invitation/", invitation, name="invitation"),
    path("pay/return/<str:token>/", return_page),
    path("unsubscribe/<str:token>/", unsubscribe),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("media/", include("karvon.media.serving")),
]

if settings.KARVON_DEMO:
    urlpatterns.append(path("demo/", include("karvon.notifications.urls")))
if settings.TOOLS.has_toolbar:
    urlpatterns.append(path("__debug__/", include("debug_toolbar.urls")))
if settings.TOOLS.has_profiler:
    urlpatterns.append(path("silk/", include("silk.urls", namespace="silk")))
