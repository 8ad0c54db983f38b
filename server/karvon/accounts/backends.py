"""Logging in to the admin site, under the same lockout as the API."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from karvon.accounts.errors import InvalidCredentials, LoginLocked
from karvon.accounts.models import User
from karvon.accounts.services import authenticate_by_password
from karvon.kernel.addresses import client_address


class PasswordBackend(ModelBackend):
    """Email, username or phone with password; failures count as everywhere."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        ip = client_address(request) if request is not None else None
        try:
            return authenticate_by_password(name=username, password=password, ip=ip)
        except (InvalidCredentials, LoginLocked):
            # no other backend may be asked: it would count for nothing
            raise PermissionDenied from None
