"""Whether PayPal has sent an event: found out here with the certificate that it names, and asked of PayPal where that is in doubt.

Messages come from anybody. What can be told without asking is told first, a certificate is fetched once a day, and PayPal is
asked only about what is signed with one of its keys.

What is signed: `<transmission id>|<transmission time>|<webhook id>|<CRC-32 of the raw body>`, by RSA (PKCS #1 v1.5) with SHA-256.
Source: PayPal's Webhooks API 1.11; checking without asking as in PayPal's own paypalrestsdk 1.13.3.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import warnings
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import httpx
import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from karvon.payments import outside
from karvon.payments.errors import ProviderUnavailable, SignatureInvalid
from karvon.payments.protocol import Account, CallbackRequest, Provider
from karvon.payments.providers.paypal_line import Line, Refused

ALGORITHM = "SHA256withRSA"
CERTIFICATES = "/v1/notifications/certs/"
NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
# where PayPal keeps them, by what its samples and libraries show; not written anywhere
PAYPALS = re.compile(rf"https://([a-z0-9-]{{1,63}}\.){{1,4}}paypal\.com(:443)?{CERTIFICATES}{NAME.pattern}")
# PayPal tries for three days; nothing is written about how old a message may be
STALE, AHEAD = timedelta(days=4), timedelta(hours=1)
LARGEST_CERTIFICATE = 64 * 1024
# of the headers, by the Webhooks API
LONGEST = {
    "paypal-transmission-id": 50,
    "paypal-transmission-time": 100,
    "paypal-transmission-sig": 500,
    "paypal-cert-url": 500,
}


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
    fields = [request.headers.get(name, "") for name in LONGEST]
    is_whole = all(
        0 < len(field) <= longest and field.isascii() and field.isprintable()
        for field, longest in zip(fields, LONGEST.values(), strict=True)
    )
    sent = Transmission(*fields)
    if not is_whole or request.headers.get("paypal-auth-algo", "") != ALGORITHM:
        raise SignatureInvalid
    if not _is_of_today(sent.time, request.received_at):
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
    return bool(PAYPALS.fullmatch(url)) or _is_configured(url, account)


def _is_configured(url: str, account: Account) -> bool:
    """Whether it is below the account's base URL, and that is not PayPal's own: whoever set it vouches for what is there."""
    own = f"{account.base_url}{CERTIFICATES}"
    return url.startswith(own) and bool(NAME.fullmatch(url[len(own) :])) and not PAYPALS.fullmatch(url)


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


def check_here(way: Provider, account: Account, sent: Transmission, body: bytes, now: datetime) -> bool:
    """Verify with the certificate that the event names; True where that certificate is beyond doubt, too.

    Raises SignatureInvalid, and ProviderUnavailable when there is no getting at the certificate.
    """
    certificates = _certificates(way, sent.certificate_url, now.date())
    verify(certificates[0], sent.signature, sent.message(account["PAYPAL_WEBHOOK_ID"], body), now)
    return _is_configured(sent.certificate_url, account) or is_vouched_for(certificates, now)


def is_vouched_for(certificates: Sequence[x509.Certificate], now: datetime) -> bool:
    """Whether the first certificate leads, by the others, to an authority that our connections trust."""
    rules = PolicyBuilder().store(_authorities()).time(now.replace(tzinfo=None))
    # it signs messages, and is no server's: its name is looked at in `verify`
    rules = rules.extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
    )
    try:
        rules.build_client_verifier().verify(certificates[0], list(certificates[1:]))
    except (VerificationError, ValueError):
        return False
    return True


@lru_cache(maxsize=1)
def _authorities() -> Store:
    known = []
    for each in httpx.create_ssl_context().get_ca_certs(binary_form=True):
        # a few old ones are not as certificates have to be, and vouch for nobody here
        with warnings.catch_warnings(), contextlib.suppress(ValueError, Warning):
            warnings.simplefilter("error")
            known.append(x509.load_der_x509_certificate(each))
    return Store(known)


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
def _certificates(way: Provider, url: str, _day: date) -> tuple[x509.Certificate, ...]:
    """What is at an address that was looked at before: the certificate, and those that vouch for it. Fetched once a day."""
    with outside.asking_for_stranger(way, "certificates"):
        status, _headers, content = outside.send("GET", url)
        if status >= 500 or status in (408, 429):
            raise ProviderUnavailable
        if status != 200 or len(content) > LARGEST_CERTIFICATE:
            raise SignatureInvalid
        try:
            return tuple(x509.load_pem_x509_certificates(content))
        except ValueError:
            raise SignatureInvalid from None
