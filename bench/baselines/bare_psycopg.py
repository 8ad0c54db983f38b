"""Baseline (b): the floor. A WSGI function, one prepared query, the stored bytes as they lie, nothing else. A callback's signature
is checked and its event kept, and nothing done about it.

Served by `granian --interface wsgi baselines.bare_psycopg:application`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

_local = threading.local()

LIST = """
    SELECT b.list_body FROM catalog_windowrow w
    JOIN catalog_windowbody b ON b.product_id = w.product_id AND b.language = 'en'
    WHERE w.is_visible ORDER BY w.created_at DESC, w.product_id DESC LIMIT 20
"""
DETAIL = "SELECT detail_body FROM catalog_windowbody WHERE product_id = %s AND language = 'en'"

KEEP = """
    INSERT INTO payments_providerevent
        (provider, event_id, kind, headers, body, is_verified, outcome, note, answer_status, answer, request_id)
    VALUES ('bare', %s, '', '{}', %s, true, 'received', '', 200, '', '')
    ON CONFLICT (provider, account_id, event_id) WHERE event_id <> '' AND is_verified DO NOTHING
"""
KEY = os.environ.get("RAZORPAY_WEBHOOK_SECRET", "").encode()


def _connection() -> psycopg.Connection[Any]:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0)
    return _local.connection


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    parts = environ["PATH_INFO"].strip("/").split("/")
    with _connection().cursor(binary=True) as cursor:
        if environ["REQUEST_METHOD"] == "POST":
            body = environ["wsgi.input"].read()
            made = hmac.new(KEY, body, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(made, environ["HTTP_X_RAZORPAY_SIGNATURE"]):
                raise PermissionError
            cursor.execute(KEEP, (environ["HTTP_X_RAZORPAY_EVENT_ID"], body))
            body = b'{"received":true}'
        elif len(parts) == 1:
            rows = cursor.execute(LIST).fetchall()
            body = b'{"results":[' + b",".join(row[0] for row in rows) + b"]}"
        else:
            row = cursor.execute(DETAIL, (int(parts[1]),)).fetchone()
            body = row[0] if row else b"{}"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
