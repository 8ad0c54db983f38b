"""Whether PayPal has sent an event: asked of PayPal itself, or found out here with its certificate.

What is signed: `<transmission id>|<transmission time>|<webhook id>|<CRC-32 of the raw body>`, by RSA (PKCS #1 v1.5) with SHA-256.
Source: PayPal's Webhooks API 1.11; checking without asking as in PayPal's own paypalrestsdk 1.13.3.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from karvon.payments import outside
from karvon.payments.errors import ProviderUnavailable, SignatureInvalid
from karvon.payments.protocol import Account, CallbackRequest
from karvon.payments.providers.paypal_line import Line, Refused

ALGORITHM = "SHA256withRSA"
CERTIFICATES = "/v1/notifications/certs/"
# PayPal tries for three days; nothing is written about how old a message may be
STALE, AHEAD = timedelta(days=4), timedelta(hours=1)
LARGEST_CERTIFICATE = 64 * 1024


@dataclass(frozen=True)
class Transmission:
    """The headers of an event."""

    id: str
    time: str
    signature: str
    certificate_url: str

    def message(self, webhook_id: str, body: bytes) -> bytes:
        """What PayPal signs."""
        return f"{self.id}|{self.time}|{webhook_id}|{zlib.crc32(body)}".encode()


def read_transmission(account: Account, request: CallbackRequest) -> Transmission:
    """Raises SignatureInvalid for headers that PayPal would not send, or that are of days ago."""
    get = request.headers.get
    sent = Transmission(
        get("paypal-transmission-id", ""),
        get("paypal-transmission-time", ""),
        get("paypal-transmission-sig", ""),
        get("paypal-cert-url", ""),
    )
    is_whole = all((sent.id, sent.time, sent.signature)) and get("paypal-auth-algo", "") == ALGORITHM
    if not is_whole or not _is_of_today(sent.time, request.received_at):
        raise SignatureInvalid
    if not is_certificate_address(sent.certificate_url, account):
        raise SignatureInvalid
    return sent


def _is_of_today(text: str, now: datetime) -> bool:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return now - STALE <= at <= now + AHEAD


def is_certificate_address(url: str, account: Account) -> bool:
    """PayPal's certificates are on PayPal's hosts, or where the account's base URL points: never where a message says."""
    if url.startswith(f"{account.base_url}{CERTIFICATES}"):
        return True
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_theirs = host == "paypal.com" or host.endswith(".paypal.com")
    return parts.scheme == "https" and is_theirs and port in (None, 443) and "@" not in parts.netloc


def ask_paypal(account: Account, sent: Transmission, body: bytes) -> None:
    """Let PayPal say whether the event is its own; the event goes back as it came, letter by letter.

    Raises SignatureInvalid, ProviderUnavailable.
    """
    fields = {
        "auth_algo": ALGORITHM,
        "cert_url": sent.certificate_url,
        "transmission_id": sent.id,
        "transmission_sig": sent.signature,
        "transmission_time": sent.time,
        "webhook_id": account["PAYPAL_WEBHOOK_ID"],
    }
    try:
        # a body that is one JSON object, and nothing besides: the caller has read it
        question = orjson.dumps(fields)[:-1] + b',"webhook_event":' + body.strip() + b"}"
        answer: Mapping[str, object] = Line(account).post(
            "/v1/notifications/verify-webhook-signature", question
        )
    except orjson.JSONEncodeError:
        raise SignatureInvalid from None
    except Refused as error:
        # a wrong question is a forger's; wrong keys of ours are not
        raise (ProviderUnavailable if error.status in (401, 403) else SignatureInvalid) from error
    if answer.get("verification_status") != "SUCCESS":
        raise SignatureInvalid


def check_here(account: Account, sent: Transmission, body: bytes, now: datetime) -> None:
    """Verify with the certificate that the event names. Raises SignatureInvalid, ProviderUnavailable."""
    certificate = _certificate(sent.certificate_url)
    verify(certificate, sent.signature, sent.message(account["PAYPAL_WEBHOOK_ID"], body), now)


def verify(certificate: x509.Certificate, signature: str, message: bytes, now: datetime) -> None:
    """Raises SignatureInvalid unless the certificate holds, is PayPal's, and its key has signed the message."""
    key = certificate.public_key()
    names = [str(each.value) for each in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    is_theirs = bool(names) and all(name == "paypal.com" or name.endswith(".paypal.com") for name in names)
    holds = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    if not is_theirs or not holds or not isinstance(key, rsa.RSAPublicKey):
        raise SignatureInvalid
    try:
        key.verify(base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise SignatureInvalid from None


@lru_cache(maxsize=8)
def _certificate(url: str) -> x509.Certificate:
    """The certificate at an address that was looked at before. The connection vouches for it: it is PayPal's own host."""
    status, _headers, content = outside.send("GET", url)
    if status >= 500 or status == 429:
        raise ProviderUnavailable
    if status != 200 or len(content) > LARGEST_CERTIFICATE:
        raise SignatureInvalid
    try:
        return x509.load_pem_x509_certificates(content)[0]
    except (ValueError, IndexError):
        raise SignatureInvalid from None
