"""From everything that can go wrong to the one error shape: `{"error", "code", "details"}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, connection
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis import RedisError
from rest_framework import exceptions as drf
from rest_framework.response import Response

from karvon.api.error_pages import make_page, wants_page
from karvon.kernel import errors as domain
from karvon.kernel.db import raise_if_gone
from karvon.kernel.languages import pick_language
from karvon.kernel.rendering import dump_json

log = structlog.get_logger(__name__)

STATUSES: tuple[tuple[type[domain.DomainError], int], ...] = (
    (domain.TooLarge, 413),
    (domain.UnsupportedContent, 415),
    (domain.ValidationFailed, 400),
    (domain.AuthenticationRequired, 401),
    (domain.PermissionRefused, 403),
    (domain.NotFound, 404),
    (domain.Conflict, 409),
    (domain.RateLimited, 429),
    (domain.ProviderError, 502),
    (domain.DependencyDown, 503),
    (domain.DomainError, 400),
)
CODES = {
    400: "validation_failed",
    401: "authentication_required",
    403: "permission_refused",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "throttled",
}


class FormOutdated(domain.PermissionRefused):
    code = "form_outdated"
    message = gettext_lazy("This form is out of date. Go back, reload the page and try again.")


def status_of(error: domain.DomainError) -> int:
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. Answers everything; what nobody foresaw is logged and answered as 500 without its text."""
    status, body, headers = describe(exc)
    view = context.get("view")
    request = context.get("request")
    if status == 401 and view is not None and request is not None:
        headers["WWW-Authenticate"] = view.get_authenticate_header(request) or 'Bearer realm="api"'
    return Response(body, status=status, headers=headers)


def describe(exc: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    """(status, body, headers) of any exception."""
    exc = translate(exc)
    headers: dict[str, str] = {}
    if isinstance(exc, domain.DomainError):
        if (wait := getattr(exc, "retry_after", None)) is not None:
            headers["Retry-After"] = str(wait)
        details = {field: [str(each) for each in messages] for field, messages in exc.details.items()}
        return status_of(exc), {"error": exc.text, "code": exc.code, "details": details}, headers
    if isinstance(exc, drf.APIException):
        if isinstance(exc, drf.Throttled) and exc.wait:
            headers["Retry-After"] = str(int(exc.wait) + 1)
        return exc.status_code, _drf_body(exc), headers
    log.error("unforeseen_error", exc_info=exc)
    return (
        500,
        {"error": _("Something went wrong on our side."), "code": "internal_error", "details": {}},
        headers,
    )


def translate(exc: Exception) -> Exception:
    """Exceptions of Django, PostgreSQL and Redis as ours."""
    if isinstance(exc, Http404):
        return domain.NotFound()
    if isinstance(exc, PermissionDenied):
        return domain.PermissionRefused()
    if isinstance(exc, RequestDataTooBig | TooManyFilesSent):
        return domain.TooLarge(_("The request is too large."))
    if isinstance(exc, SuspiciousOperation | UnreadablePostError | UnicodeError | DataError | OverflowError):
        return domain.ValidationFailed()
    if isinstance(exc, ValueError) and "NUL" in str(exc):
        return domain.ValidationFailed()
    if isinstance(exc, DjangoValidationError):
        details = exc.message_dict if hasattr(exc, "error_dict") else {"non_field_errors": exc.messages}
        return domain.ValidationFailed(details=details)
    if isinstance(exc, IntegrityError):
        log.warning("constraint_refused_a_write", exc_info=exc)
        return domain.Conflict()
    if isinstance(exc, RedisError):
        return domain.DependencyDown()
    return _database_trouble(exc)


def _database_trouble(exc: Exception) -> Exception:
    if isinstance(exc, InterfaceError):
        connection.close()
        return domain.DependencyDown()
    if isinstance(exc, DatabaseError):
        if isinstance(exc.__cause__, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
            return domain.LockTimeout()
        if isinstance(exc.__cause__, psycopg.errors.QueryCanceled):
            return domain.DependencyDown()
        try:
            raise_if_gone(exc)
        except domain.DependencyDown as gone:
            return gone
    return exc


def _drf_body(exc: drf.APIException) -> dict[str, Any]:
    code = CODES.get(exc.status_code, "error")
    details: dict[str, list[str]] = {}
    if isinstance(exc, drf.ValidationError):
        for field, message in _flatten(exc.detail):
            details.setdefault(field or "non_field_errors", []).append(message)
        return {"error": _("Some of the fields are not right."), "code": code, "details": details}
    if isinstance(exc, drf.ParseError):  # what its parsers say is English only
        return {"error": str(drf.ParseError().detail), "code": code, "details": details}
    if isinstance(exc, drf.AuthenticationFailed):
        code = str(exc.get_codes())
    return {"error": str(exc.detail), "code": code, "details": details}


def _flatten(detail: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """{"items": [{}, {"quantity": ["…"]}]} → ("items.1.quantity", "…")."""
    if isinstance(detail, dict):
        for name, value in detail.items():
            inner = str(name) if not prefix else f"{prefix}.{name}"
            yield from _flatten(value, prefix if name == "non_field_errors" and prefix else inner)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            yield from _flatten(value, prefix if not isinstance(value, dict | list) else f"{prefix}.{index}")
    else:
        yield prefix, str(detail)


def to_http_response(exc: Exception, request: HttpRequest) -> HttpResponse:
    """The same shape for views and middlewares that are not DRF's."""
    is_page = wants_page(request)
    language = translation.get_language_from_request(request) if is_page else pick_language(request)
    with translation.override(language):
        status, body, headers = describe(exc)
        if is_page:
            return make_page(request, status, body, headers)
    if status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="api"')
    return HttpResponse(dump_json(body), status=status, content_type="application/json", headers=headers)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return to_http_response(domain.NotFound(), request)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return to_http_response(domain.ValidationFailed(), request)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return to_http_response(domain.PermissionRefused(), request)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's hook for posts without a valid CSRF token."""
    return to_http_response(FormOutdated(), request)


def server_error(request: HttpRequest) -> HttpResponse:
    import sys

    error = sys.exc_info()[1]
    return to_http_response(error if isinstance(error, Exception) else RuntimeError(), request)
