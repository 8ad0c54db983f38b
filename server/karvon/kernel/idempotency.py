"""Idempotency-Key: the same request twice is done once, and both get the same answer.

The key's row is inserted inside the transaction that does the work. A second request with the same key waits on the unique index:
when the first commits it reads the stored answer, when the first dies there is nothing to wait for.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.kernel.addresses import client_address
from karvon.kernel.db import run_transaction
from karvon.kernel.errors import IdempotencyClash, LockTimeout, ValidationFailed
from karvon.kernel.models import StoredAnswer
from karvon.kernel.rendering import dump_json

HEADER = "HTTP_IDEMPOTENCY_KEY"
REPLAYED = "Idempotency-Replayed"

_CLAIM = """
    INSERT INTO kernel_storedanswer (scope, key, fingerprint) VALUES (%s, %s, %s)
    ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""


class _Refused(Exception):
    """Carries an error answer out of the transaction, so that it is rolled back and not kept."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__()


def idempotent(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let a DRF method honour the header `Idempotency-Key` (1 to 255 printable ASCII characters).

    Same key, caller and body: the stored answer, with `Idempotency-Replayed: true`. Another body raises IdempotencyClash.
    Errors are not stored, so a refused request may be tried again with its key.
    """

    @functools.wraps(view)
    def run(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _read_key(request)
        if key is None:
            return view(self, request, *args, **kwargs)
        scope, fingerprint = scope_of(request), fingerprint_of(request)
        try:
            return run_transaction(
                lambda: _once(scope, key, fingerprint, lambda: view(self, request, *args, **kwargs))
            )
        except _Refused as refused:
            return refused.response

    run.is_idempotent = True  # type: ignore[attr-defined]  # the API document says so
    return run


def _read_key(request: Request) -> str | None:
    key: str | None = request.META.get(HEADER)
    if key is not None and (not 0 < len(key) <= 255 or not key.isascii() or not key.isprintable()):
        message = _("From 1 to 255 printable ASCII characters.")
        raise ValidationFailed(details={"Idempotency-Key": [message]})
    return key


def idempotent_in_steps(view: Callable[..., Response]) -> Callable[..., Response]:
    """As `idempotent`, for work that asks another system and so cannot be one transaction. The key is claimed first and the
    answer stored last; a request that died in between is simply done again, so the work itself must be the same when it is
    done twice.
    """

    @functools.wraps(view)
    def run(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _read_key(request)
        if key is None:
            return view(self, request, *args, **kwargs)
        scope, fingerprint = scope_of(request), fingerprint_of(request)
        stored = run_transaction(lambda: _claim(scope, key, fingerprint))
        if stored is not None:
            return stored
        claimed = StoredAnswer.objects.filter(scope=scope, key=key)
        try:
            response = view(self, request, *args, **kwargs)
        except Exception:
            claimed.filter(status=None).delete()  # a refused request may be tried again with its key
            raise
        if response.status_code >= 400:
            claimed.filter(status=None).delete()
        else:
            claimed.update(status=response.status_code, body=_body_of(response))
        return response

    run.is_idempotent = True  # type: ignore[attr-defined]  # the API document says so
    return run


def _claim(scope: str, key: str, fingerprint: str) -> Response | None:
    """None when the work is to be done now."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [scope, key, fingerprint])
    answer = StoredAnswer.objects.filter(scope=scope, key=key).first()
    if answer is None:  # it expired between the two statements; the next attempt starts afresh
        raise LockTimeout
    if answer.fingerprint != fingerprint:
        raise IdempotencyClash
    return None if answer.status is None else _replay(answer)


def _once(scope: str, key: str, fingerprint: str, work: Callable[[], Response]) -> Response:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [scope, key, fingerprint])
        claimed = cursor.fetchone()
    if claimed is None:
        return _stored(scope, key, fingerprint)
    response = work()
    if response.status_code >= 400:
        raise _Refused(response)
    StoredAnswer.objects.filter(pk=claimed[0]).update(status=response.status_code, body=_body_of(response))
    return response


def _stored(scope: str, key: str, fingerprint: str) -> Response:
    answer = StoredAnswer.objects.filter(scope=scope, key=key).first()
    if answer is None:  # it expired between the two statements; the next attempt starts afresh
        raise LockTimeout
    if answer.fingerprint != fingerprint:
        raise IdempotencyClash
    return _replay(answer)


def _body_of(response: Response) -> bytes:
    return b"" if response.data is None else dump_json(response.data)


def _replay(answer: StoredAnswer) -> Response:
    body = bytes(answer.body or b"")
    return Response(orjson.loads(body) if body else None, status=answer.status, headers={REPLAYED: "true"})


def scope_of(request: Request) -> str:
    """Whose keys these are: a person's, a guest cart's, or an address's."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    cart = request.headers.get("X-Cart-ID") or request.COOKIES.get("cart_id")
    return f"cart:{cart[:64]}" if cart else f"address:{client_address(request._request)}"


def fingerprint_of(request: Request) -> str:
    """SHA-256 over method, path with its query (a token in it is part of what was asked) and the parsed body in a
    canonical order.
    """
    query = request.META.get("QUERY_STRING", "")
    digest = hashlib.sha256(f"{request.method} {request.path_info}?{query}\n".encode())
    data = request.data
    if hasattr(data, "lists"):
        for name, values in sorted(data.lists()):
            digest.update(name.encode())
            for value in values:
                digest.update(
                    _upload_digest(value) if isinstance(value, UploadedFile) else str(value).encode()
                )
    else:
        digest.update(orjson.dumps(data, option=orjson.OPT_SORT_KEYS, default=str))
    return digest.hexdigest()


def _upload_digest(upload: Any) -> bytes:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.digest()
