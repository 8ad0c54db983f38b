"""The Content-Security-Policy by page: strict everywhere, wider only where a page's own parts need it."""

from __future__ import annotations

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class PagePolicies(CSPMiddleware):
    """Adds `KARVON_PAGE_POLICIES` (path prefix → directives) to the policy of the pages below that prefix."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        for prefix, directives in settings.KARVON_PAGE_POLICIES.items():
            if request.path_info.startswith(prefix) and not hasattr(response, "_csp_update"):
                response._csp_update = directives  # type: ignore[attr-defined]
        return super().process_response(request, response)
