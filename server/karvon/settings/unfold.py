"""How the back office looks. What is in it, and for whom, is in `karvon.backoffice.navigation`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _static(path: str) -> Any:
    return lambda _request: static(path)


def _title(_request: HttpRequest) -> str:
    from django.conf import settings

    return str(settings.KARVON_SHOP_NAME)


UNFOLD = {
    "SITE_TITLE": _title,
    "SITE_HEADER": _title,
    "SITE_SUBHEADER": _("Back office"),
    "SITE_SYMBOL": "storefront",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _static("backoffice/icon.svg")},
    ],
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "karvon.backoffice.dashboard.fill_context",
    "STYLES": [_static("backoffice/admin.css")],
    "SCRIPTS": [_static("backoffice/jobs.js")],
    "COMMAND": {"search_models": ["catalog.product", "orders.order", "orders.fulfilment", "accounts.user"]},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "karvon.backoffice.navigation.list_groups",
    },
    "ACCOUNT": {
        "navigation": [{"title": _("Change password"), "link": reverse_lazy("admin:password_change")}],
    },
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% 0.014 180.72)",
            "100": "oklch(95.3% 0.051 180.801)",
            "200": "oklch(91% 0.096 180.426)",
            "300": "oklch(85.5% 0.138 181.071)",
            "400": "oklch(77.7% 0.152 181.912)",
            "500": "oklch(64% 0.125 183)",
            "600": "oklch(51.1% 0.096 186.391)",
            "700": "oklch(43.7% 0.078 188.216)",
            "800": "oklch(38.6% 0.063 188.416)",
            "900": "oklch(30% 0.05 188)",
            "950": "oklch(22% 0.04 190)",
        },
    },
}
