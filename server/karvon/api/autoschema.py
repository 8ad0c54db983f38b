"""What the API document can find out by itself, so that no view can forget or misstate it.

Every operation says who may call it (its permissions are asked, as a guest and as a customer), that it understands
`Idempotency-Key` where it does, and which errors it shares with all others.
"""

from __future__ import annotations

import inspect
from typing import Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from karvon.accounts.models import Role, User
from karvon.api.schema import errors

_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="The same key and body again give the stored answer, with `Idempotency-Replayed: true`.",
)


class OperationSchema(AutoSchema):
    """The `DEFAULT_SCHEMA_CLASS` of all views."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation.setdefault("security", [])  # no token is looked at
        return operation

    def get_auth(self) -> list[dict[str, Any]]:
        """The token; or nothing as well, where guests are let in."""
        self.view.permission_classes, asked = [], self.view.permission_classes
        try:
            schemes: list[dict[str, Any]] = super().get_auth()
        finally:
            self.view.permission_classes = asked
        schemes = [each for each in schemes if each]
        return [*schemes, {}] if schemes and self._lets_in(AnonymousUser()) else schemes

    def get_summary(self) -> str:
        """The operation's name in words, where its view says no more."""
        summary: str = super().get_summary() or self.get_operation_id().replace("_", " ").capitalize()
        return summary

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular calls it
        """What the view says of this method, or of itself; never what a class that it extends says of views."""
        said = inspect.getdoc(getattr(self.view, self.method.lower(), None))
        return said or inspect.cleandoc(vars(type(self.view)).get("__doc__") or "")

    def get_override_parameters(self) -> list[Any]:
        return [_KEY] if self._is_idempotent() else []

    def get_request_serializer(self) -> Any:
        """Bodies of DELETE are those that a view names, never guessed."""
        return None if self.method == "DELETE" else super().get_request_serializer()

    def _get_request_body(self, direction: str = "request") -> Any:
        if self.method != "DELETE" or self.get_request_serializer() is None:
            return super()._get_request_body(direction)
        self.method = "POST"  # the way in which bodies are described
        try:
            return super()._get_request_body(direction)
        finally:
            self.method = "DELETE"

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        for status, answer in errors(*self._shared_errors()).items():
            if str(status) not in answers:
                answers[str(status)] = self._get_response_for_code(answer, str(status), None, direction)
        return dict(sorted(answers.items()))

    def _shared_errors(self) -> set[int]:
        found = {400}
        if self.view.throttle_classes:
            found |= {429, 503}
        if self.view.authentication_classes:
            found.add(401)
        if not self._lets_in(User(pk=0, role=Role.CUSTOMER)):
            found.add(403)
        if "{" in self.path or self._get_paginator_of_list() is not None:
            found.add(404)
        if self.method not in SAFE_METHODS:
            found |= {409, 413}
        if self._get_request_body() is not None:
            found.add(415)
        return found

    def _get_paginator_of_list(self) -> Any:
        return self._get_paginator() if self.method == "GET" and self._is_list_view() else None

    def _lets_in(self, user: Any) -> bool:
        request = self.view.request
        request.user, before = user, getattr(request, "user", None)
        try:
            return all(each.has_permission(request, self.view) for each in self.view.get_permissions())
        finally:
            request.user = before

    def _is_idempotent(self) -> bool:
        return getattr(getattr(self.view, self.method.lower(), None), "is_idempotent", False) is True
