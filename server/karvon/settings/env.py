"""The one list of environment names, read once, typed, checked at start; `.env.example` comes from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def _bool(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("is neither true nor false")


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@dataclass(frozen=True)
class Name:
    """One environment name: how to read it, what it is without one, and what it means."""

    name: str
    read: Callable[[str], Any]
    default: Any
    meaning: str


NAMES: tuple[Name, ...] = (
    Name("KARVON_HOME", Path, ROOT / ".karvon", "where the demo keeps its servers, pictures and mail"),
    Name("KARVON_HOST", str, "127.0.0.1", "address the web server listens on; 0.0.0.0 for all"),
    Name("KARVON_PORT", int, 8000, "port of the web server"),
    Name("KARVON_WEB_WORKERS", int, 2, "web processes"),
    Name("KARVON_WEB_THREADS", int, 8, "threads, and so database connections, of each web process"),
    Name("KARVON_ACCESS_LOG", _bool, True, "a line per request in the live log of the demo"),
    Name("KARVON_DEBUG", _bool, False, "tracebacks in answers; never in production"),
    Name("KARVON_DEMO", _bool, False, "demo pages (mail); refused in production"),
    Name("KARVON_SECRET_KEY", str, "", "signs tokens and sessions; 50 random characters or more"),
    Name("KARVON_ALLOWED_HOSTS", _list, ["localhost", "127.0.0.1", "[::1]"], "host names, by comma"),
    Name("KARVON_PUBLIC_URL", str, "http://localhost:8000", "how customers reach the shop; used in mails"),
    Name("KARVON_SHOP_NAME", str, "Karvon", "name in mails and on pages"),
    Name("KARVON_CORS_ORIGINS", _list, [], "web clients' origins, by comma"),
    Name("KARVON_TRUSTED_PROXIES", int, 0, "how many proxies in front add to X-Forwarded-For"),
    Name("KARVON_MAX_BODY_BYTES", int, 300 * 1024 * 1024, "larger requests are refused unread"),
    Name("DATABASE_URL", str, "", "postgres://…, 15 or later; empty: the embedded server"),
    Name("DATABASE_POOLER", _bool, False, "a transaction pooler (PgBouncer) stands in between"),
    Name("DATABASE_CONN_MAX_AGE", int, 600, "seconds a connection is kept; 0 closes it after each request"),
    Name("KARVON_LOCK_TIMEOUT_MS", int, 3000, "how long a write waits for somebody else's"),
    Name("KARVON_STATEMENT_TIMEOUT_MS", int, 30000, "longest statement of a web request"),
    Name("REDIS_URL", str, "", "redis:// or rediss://, 6.2 or later; empty: the embedded server"),
    Name("KARVON_REDIS_TIMEOUT", float, 2.0, "seconds"),
    Name("KARVON_DEFAULT_LANGUAGE", str, "en", "uz, ru, en or ar"),
    Name("KARVON_DEFAULT_CURRENCY", str, "UZS", "ISO 4217"),
    Name("KARVON_PHONE_REGION", str, "UZ", "country of phone numbers written without one"),
    Name("KARVON_PAYMENT_DEADLINE_MINUTES", int, 30, "how long an unpaid order keeps its goods"),
    Name("KARVON_ACCESS_TOKEN_MINUTES", int, 1440, "life of an access token"),
    Name("KARVON_REFRESH_TOKEN_DAYS", int, 30, "life of a login that is not used"),
    Name("KARVON_LOGIN_FAILURES_PER_ACCOUNT", int, 5, "wrong passwords before an account name waits"),
    Name("KARVON_LOGIN_FAILURES_PER_ADDRESS", int, 50, "wrong passwords before an address waits"),
    Name("KARVON_THROTTLE_LOGIN", str, "10/min", "logins per caller"),
    Name("KARVON_THROTTLE_REGISTRATION", str, "20/h", "registrations per caller"),
    Name("KARVON_THROTTLE_REFRESH", str, "60/min", "token refreshes per caller"),
    Name("KARVON_THROTTLE_COUPONS", str, "20/min", "coupon tries per caller"),
    Name("KARVON_THROTTLE_WRITE", str, "300/min", "other writes per caller"),
    Name("KARVON_THROTTLE_READ", str, "3000/min", "reads per caller"),
    Name("KARVON_CART_DAYS", int, 30, "how long an untouched cart is kept"),
    Name("KARVON_CART_MAX_LINES", int, 200, "lines in one cart"),
    Name("KARVON_MEDIA_URL", str, "/media/", "where pictures are served; ends with a slash"),
    Name("KARVON_IMAGE_MAX_BYTES", int, 10 * 1024 * 1024, "largest picture"),
    Name("KARVON_IMPORT_MAX_BYTES", int, 256 * 1024 * 1024, "largest catalogue file"),
    Name("KARVON_S3_BUCKET", str, "", "keep files in S3 instead of on disk"),
    Name("KARVON_S3_ENDPOINT_URL", str, "", "for S3-compatible stores"),
    Name("KARVON_S3_REGION", str, "", "region of the bucket"),
    Name("KARVON_S3_ACCESS_KEY", str, "", "empty: the machine's own role"),
    Name("KARVON_S3_SECRET_KEY", str, "", ""),
    Name("KARVON_MAIL_FROM", str, "Karvon <shop@karvon.example>", "sender of mails"),
    Name("KARVON_SMTP_HOST", str, "", "empty: mails become files in KARVON_HOME/mail"),
    Name("KARVON_SMTP_PORT", int, 587, ""),
    Name("KARVON_SMTP_USER", str, "", ""),
    Name("KARVON_SMTP_PASSWORD", str, "", ""),
    Name("KARVON_SMTP_TLS", _bool, True, "STARTTLS"),
    Name("TEST_SMS_FIXED_CODE", str, "", "one code for all phones; refused in production"),
    Name("TEST_DATABASE_URL", str, "", "tests: use this PostgreSQL instead of a throwaway one"),
    Name("TEST_REDIS_URL", str, "", "tests: use this Redis instead of a throwaway one"),
)


class BadEnvironment(SystemExit):
    """The server does not start; the message names every problem at once."""


def read_environment(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Values by name; without `environ`, of this process and, where it says nothing, of the file `.env`.

    Raises BadEnvironment listing every value that cannot be read.
    """
    environ = {**_env_file(), **os.environ} if environ is None else environ
    values, problems = {}, []
    for each in NAMES:
        text = environ.get(each.name)
        try:
            values[each.name] = each.default if text in (None, "") else each.read(text)
        except ValueError as error:
            problems.append(f"{each.name}={text!r}: {error}")
    if problems:
        raise BadEnvironment("Karvon cannot start:\n  " + "\n  ".join(problems))
    return values


def _env_file() -> dict[str, str]:
    """The lines of `.env`; tests do not read it, so that they mean the same everywhere."""
    file = ROOT / ".env"
    if os.environ.get("DJANGO_SETTINGS_MODULE") == "karvon.settings.test" or not file.exists():
        return {}
    lines = (line.strip() for line in file.read_text().splitlines())
    pairs = (
        line.removeprefix("export ").partition("=")
        for line in lines
        if "=" in line and not line.startswith("#")
    )
    return {name.strip(): text.strip().strip("\"'") for name, _, text in pairs}


def refuse_unsafe(values: Mapping[str, Any]) -> None:
    """Production's conditions. Raises BadEnvironment naming every one that is not met, and why it matters."""
    secret = values["KARVON_SECRET_KEY"]
    hosts = values["KARVON_ALLOWED_HOSTS"]
    checks = (
        (values["KARVON_DEBUG"], "KARVON_DEBUG is on: errors would show code and data to strangers"),
        (values["KARVON_DEMO"], "KARVON_DEMO is on: everybody could read the customers' mail"),
        (
            len(secret) < 50 or len(set(secret)) < 12,
            "KARVON_SECRET_KEY is missing or weak (50 random characters are needed): tokens could be forged",
        ),
        (
            "*" in hosts or "localhost" in hosts,
            "KARVON_ALLOWED_HOSTS must name the real hosts, without a wildcard",
        ),
        (
            bool(values["TEST_SMS_FIXED_CODE"]),
            "TEST_SMS_FIXED_CODE is set: one code would open every account",
        ),
        (not values["DATABASE_URL"], "DATABASE_URL is missing: the embedded PostgreSQL is for demos"),
        (not values["REDIS_URL"], "REDIS_URL is missing: the embedded Valkey is for demos"),
    )
    problems = [reason for is_bad, reason in checks if is_bad]
    if problems:
        raise BadEnvironment("Karvon refuses to start in production:\n  " + "\n  ".join(problems))


def example() -> str:
    """The text of `.env.example`."""
    lines = ["# Every environment name that Karvon reads, with its meaning and default.", ""]
    for each in NAMES:
        default = each.default
        if isinstance(default, list):
            default = ",".join(default)
        elif isinstance(default, Path):
            default = default.relative_to(ROOT)
        elif isinstance(default, bool):
            default = str(default).lower()
        if each.meaning:
            lines.append(f"# {each.meaning}")
        lines.append(f"#{each.name}={default}")
    return "\n".join(lines) + "\n"
