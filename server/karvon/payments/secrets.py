"""Provider secrets at rest: encrypted by keys that are not in the database.

Fernet (AES-128-CBC and HMAC-SHA256 under one token, https://github.com/fernet/spec) with the keys of KARVON_ENCRYPTION_KEYS,
newest first: the first encrypts, all of them decrypt, so keys can be changed. Each is stretched by HKDF, so any long text will do.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from karvon.payments.errors import ProviderUnavailable

_PURPOSE = b"karvon payments: provider secrets"


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_stretch(key)) for key in keys])


def _stretch(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)


def _keys() -> tuple[str, ...]:
    return tuple(settings.KARVON_ENCRYPTION_KEYS or [settings.SECRET_KEY])


def seal(secrets: Mapping[str, str]) -> str:
    """Ciphertext of {name: secret}."""
    return _box(_keys()).encrypt(orjson.dumps(dict(secrets))).decode()


def open_sealed(sealed: str) -> dict[str, str]:
    """The secrets of a ciphertext. Raises ProviderUnavailable when none of the keys opens it."""
    try:
        return dict(orjson.loads(_box(_keys()).decrypt(sealed.encode())))
    except InvalidToken as error:
        raise ProviderUnavailable from error


def reseal(sealed: str) -> str:
    """The same under the newest key."""
    return _box(_keys()).rotate(sealed.encode()).decode()
