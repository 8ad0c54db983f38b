"""Who may look through the profiler: the platform's staff. For everybody else it is not there."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from karvon.kernel.errors import NotFound
from karvon.settings.tools import PROFILER_PREFIX

Answer = Callable[[HttpRequest], HttpResponse]


class OperatorsOnly:
    """Middleware for browsers, behind the one that says who is logged in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if request.path_info.startswith(PROFILER_PREFIX) and not (user.is_authenticated and user.is_operator):
            to_http_response: Callable[[Exception, HttpRequest], HttpResponse] = import_string(
                settings.KARVON_ERROR_RESPONSE
            )
            return to_http_response(NotFound(), request)
        return self.get_response(request)
