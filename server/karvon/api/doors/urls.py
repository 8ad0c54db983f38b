"""Every door but the canonical API, from the root of the server."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("karvon.api.doors.shared.urls")),
    path("api/", include("karvon.api.doors.taomchi.urls")),
    path("api/", include("karvon.api.doors.enterprise.urls")),
    path("api/", include("karvon.api.doors.merchant.urls")),
    path("", include("karvon.api.doors.capstone.urls")),
]
