"""Request bodies, read the same way by every view of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from karvon.accounts.models import User
from karvon.kernel.errors import ValidationFailed
from karvon.merchants.selectors import merchant_ids_of


def read_body(serializer: type[Any], request: Request) -> dict[str, Any]:
    """The validated body. Raises DRF's ValidationError."""
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def merged_texts(data: Mapping[str, Any], name: str, plural: str, language: str) -> dict[str, str] | None:
    """`title` in the caller's language and `titles` by language, as one; None when neither is given."""
    texts = dict(data.get(plural) or {})
    if data.get(name) is not None:
        texts.setdefault(language, data[name])
    return texts or None


def require_texts(data: Mapping[str, Any], name: str, plural: str, language: str) -> dict[str, str]:
    """The same. Raises ValidationFailed when neither is given."""
    texts = merged_texts(data, name, plural, language)
    if not texts:
        raise ValidationFailed(details={name: [_("This field is required.")]})
    return texts


def merchant_of(actor: User, given: int | None) -> int:
    """The merchant somebody writes for: named, or their only one. Raises ValidationFailed."""
    if given is not None:
        return given
    own = merchant_ids_of(actor)
    if len(own) != 1:
        raise ValidationFailed(details={"merchant": [_("Say which of your merchants.")]})
    return next(iter(own))


def check_merchant_stays(data: Mapping[str, Any], merchant_id: int) -> None:
    """A change may repeat whose the row is, never say otherwise. Raises ValidationFailed."""
    if data.get("merchant") not in (None, merchant_id):
        raise ValidationFailed(details={"merchant": [_("It stays with its merchant.")]})
