"""How PayPal signs its webhooks: RSA with SHA-256 over `<transmission id>|<time>|<webhook id>|<CRC-32 of the raw body>`."""

from __future__ import annotations

import base64
import threading
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


def message(transmission: str, at: str, webhook: str, body: bytes) -> bytes:
    """What is signed; the checksum is an unsigned decimal."""
    return f"{transmission}|{at}|{webhook}|{zlib.crc32(body)}".encode()


@dataclass(frozen=True)
class SigningKey:
    """An RSA key and its self-made certificate in PEM."""

    private: rsa.RSAPrivateKey
    certificate: bytes

    @classmethod
    def make(cls, host: str) -> SigningKey:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        today = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name).issuer_name(name).public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=3650)).not_valid_after(today + timedelta(days=3650))
            .sign(private, hashes.SHA256())
        )  # fmt: skip
        return cls(private, certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, text: bytes) -> str:
        return base64.b64encode(self.private.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def verify(key: SigningKey, signature: str, text: bytes) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
        key.private.public_key().verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


class Keys:
    """Made when first asked for, once in a process: making one takes a while."""

    def __init__(self) -> None:
        self._lock, self._made = threading.Lock(), {}  # type: ignore[var-annotated]

    def _get(self, host: str) -> SigningKey:
        with self._lock:
            if host not in self._made:
                self._made[host] = SigningKey.make(host)
            return self._made[host]  # type: ignore[no-any-return]

    def ours(self) -> SigningKey:
        return self._get("messageverificationcerts.paypal.com")

    def other(self) -> SigningKey:
        """A forger's."""
        return self._get("somebody-else.example")


KEYS = Keys()
