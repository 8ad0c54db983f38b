"""What can go wrong in the domain. These know no HTTP; `api.errors` maps them to statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Base of all refusals. `text` is a sentence for people (translated when shown), `code` is for machines.

    `details` is {field: [messages]}; `params` are put into the sentence by name.
    """

    code = "error"
    message: Any = _("The request could not be carried out.")

    def __init__(
        self,
        message: Any = None,
        *,
        code: str | None = None,
        details: Mapping[str, list[Any]] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self._message = message or self.message
        self.code = code or self.code
        self.details: dict[str, list[Any]] = dict(details or {})
        self.params = dict(params or {})
        super().__init__(self.code)

    @property
    def text(self) -> str:
        sentence = str(self._message)
        return sentence % self.params if self.params else sentence

    def __str__(self) -> str:
        return self.text


class NotFound(DomainError):
    """Not there, or not the caller's to know about."""

    code = "not_found"
    message = _("Not found.")


class ValidationFailed(DomainError):
    code = "validation_failed"
    message = _("Some of the fields are not right.")


class TooLarge(ValidationFailed):
    """More bytes, pixels or rows than the limit."""

    code = "too_large"
    message = _("This is too large.")


class UnsupportedContent(ValidationFailed):
    """A file of another kind than the accepted ones, whatever its name says."""

    code = "unsupported_media_type"
    message = _("Files of this kind are not accepted.")


class PermissionRefused(DomainError):
    code = "permission_refused"
    message = _("You may not do this.")


class AuthenticationRequired(DomainError):
    code = "authentication_required"
    message = _("Please log in.")


class Conflict(DomainError):
    code = "conflict"
    message = _("This does not fit the current state.")


class InvalidTransition(Conflict):
    code = "invalid_transition"
    message = _("This step is not possible from the current state.")


class InsufficientStock(Conflict):
    code = "insufficient_stock"
    message = _("There is not enough in stock.")


class IdempotencyClash(Conflict):
    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was already used with another request.")


class LockTimeout(Conflict):
    code = "busy"
    message = _("Somebody else is changing this right now. Please try again.")


class RateLimited(DomainError):
    """`retry_after` is in seconds."""

    code = "throttled"
    message = _("Too many requests. Please wait a little.")

    def __init__(self, message: Any = None, *, retry_after: int = 1, **rest: Any) -> None:
        super().__init__(message, **rest)
        self.retry_after = max(1, int(retry_after))


class ProviderError(DomainError):
    code = "provider_error"
    message = _("The other system did not answer as it should.")


class DependencyDown(DomainError):
    code = "dependency_down"
    message = _("A part of the shop is being restarted. Please try again in a moment.")
    retry_after = 5
