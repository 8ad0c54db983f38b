"""People for tests of every room."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from karvon.accounts.models import Address, Role, User
from karvon.accounts.services import issue_tokens

PASSWORD = "right-horse-battery-9"

_numbers = count(1)


@cache
def _hash_of(password: str) -> str:
    # the same hash for everybody: hashing is slow on purpose
    return make_password(password)


def make_user(*, role: Role | str = Role.CUSTOMER, password: str = PASSWORD, **fields: Any) -> User:
    """An open account with a unique username and email unless given."""
    number = next(_numbers)
    fields.setdefault("username", f"person{number}")
    fields.setdefault("email", f"person{number}@example.com")
    user = User(role=role, password=_hash_of(password), **fields)
    user.save()
    return user


def make_address(user: User, **fields: Any) -> Address:
    """An address of this person."""
    fields.setdefault("line1", f"Amir Temur {next(_numbers)}")
    return Address.objects.create(user=user, **fields)


def make_client(user: User | None = None) -> APIClient:
    """An API client of a guest, or of this person with a real token."""
    client = APIClient()
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(user=user).access}")
    return client
