"""What every operation of the OpenAPI document shares: the error shape and the token."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers


class ErrorAnswer(serializers.Serializer):
    """The one error shape."""

    error = serializers.CharField(help_text="A sentence in the caller's language.")
    code = serializers.CharField(help_text="For machines.")
    details = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="By field; empty when none is to blame.",
    )


_WHAT = {
    400: (
        "Something in the request is not right.",
        "validation_failed",
        {"field": ["This field is required."]},
    ),
    401: ("No token, or one that is no longer good.", "authentication_required", {}),
    403: ("Not yours to do.", "permission_refused", {}),
    404: ("Not there, or not yours to see.", "not_found", {}),
    409: ("Does not fit the current state.", "conflict", {}),
    413: ("The request is too large.", "too_large", {}),
    415: ("The media type is not one of ours.", "unsupported_media_type", {}),
    429: ("Too many requests; see Retry-After.", "throttled", {}),
    502: ("A provider said no; nothing was changed.", "provider_refused", {}),
    503: ("A dependency is down; see Retry-After.", "dependency_down", {}),
}


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """Documented error answers for `extend_schema(responses=…)`."""
    answers: dict[int, OpenApiResponse] = {}
    for status in sorted(statuses):
        description, code, details = _WHAT[status]
        example = OpenApiExample(code, value={"error": description, "code": code, "details": details})
        answers[status] = OpenApiResponse(ErrorAnswer, description=description, examples=[example])
    return answers


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "karvon.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "`Authorization: Bearer <access>`; `JWT <access>` is understood as well.",
        }


def drop_empty_defaults(result: Any, **_: Any) -> Any:
    """An empty default says "nothing given", which is no value of an enum or a format: it is left out."""
    if isinstance(result, dict):
        return {
            key: drop_empty_defaults(value)
            for key, value in result.items()
            if not (key == "default" and value == "")
        }
    if isinstance(result, list):
        return [drop_empty_defaults(value) for value in result]
    return result
