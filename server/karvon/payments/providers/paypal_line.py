"""How PayPal is spoken to: tokens, requests that are done once, and answers read without trust."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from karvon.payments import outside
from karvon.payments.calls import LONGEST_WORDS, is_whole, read_words
from karvon.payments.errors import ProviderRefused, ProviderUnavailable
from karvon.payments.protocol import Account

EARLIER = 60  # seconds before its end that a token is not used any more
LONGEST_TOKEN = 9 * 3600
TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


class Token(NamedTuple):
    text: str
    until: float  # monotonic seconds


_tokens: dict[str, Token] = {}
_lock = threading.Lock()


class Refused(ProviderRefused):
    """PayPal answered, and said no: `issues` are its words for it (ORDER_NOT_APPROVED), `why` is for staff."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__()
        details = body.get("details")
        found = [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []
        self.status = status
        self.issues = [issue for each in found if (issue := read_words(each.get("issue")))]
        named = read_words(body.get("name")) or read_words(body.get("error")) or str(status)
        self.why = ", ".join(self.issues)[:LONGEST_WORDS] or named


class Line:
    """A conversation with PayPal for an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get(self, path: str, **params: str) -> dict[str, Any]:
        return self._ask("GET", path, params=params)

    def post(self, path: str, body: Any, *, key: str = "") -> dict[str, Any]:
        """`key` is the PayPal-Request-Id, under which PayPal does a thing once; `body` in bytes is sent as it is."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Content-Type": "application/json", "Prefer": "return=representation"}
        return self._ask(
            "POST", path, content=content, headers=headers | ({"PayPal-Request-Id": key} if key else {})
        )

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Raises ProviderUnavailable, Refused."""
        headers = options.pop("headers", {})
        for is_last in (False, True):
            token = self._token(is_fresh=is_last)
            status, body = self._send(
                method, path, headers={**headers, "Authorization": f"Bearer {token}"}, **options
            )
            if status != 401:
                break
        if status >= 400:
            raise Refused(status, body)
        return body

    def _token(self, *, is_fresh: bool) -> str:
        """An access token that still holds for a while; `is_fresh` after PayPal has refused the one that we had."""
        name, password = self.account["PAYPAL_CLIENT_ID"], self.account["PAYPAL_CLIENT_SECRET"]
        # by a digest: nothing that could be printed is a secret
        key = hashlib.sha256("\n".join((self.account.base_url, name, password)).encode()).hexdigest()
        with _lock:
            known = _tokens.get(key)
        if known is not None and known.until > time.monotonic() and not is_fresh:
            return known.text
        asked_at = time.monotonic()
        status, body = self._send(
            "POST", "/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=(name, password)
        )
        if status >= 400:
            raise Refused(status, body)
        text, seconds = body.get("access_token"), body.get("expires_in")
        if not isinstance(text, str) or not TOKEN.fullmatch(text) or not is_whole(seconds):
            raise ProviderUnavailable
        with _lock:
            _tokens[key] = Token(text, asked_at + min(seconds, LONGEST_TOKEN) - EARLIER)
        return text

    def _send(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
        return outside.ask_json(method, self.account.base_url + path, **options)
