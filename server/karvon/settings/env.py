"""The one list of environment names, read once, typed, checked at start; `.env.example` comes from it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from karvon.settings.providers import ACCOUNTS

ROOT = Path(__file__).resolve().parents[3]


def _bool(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("is neither true nor false")


def _rate(text: str) -> str | None:
    if text.lower() == "off":
        return None
    if not re.fullmatch(r"[1-9]\d*/(s|min|h|day)", text):
        raise ValueError("is not a rate such as 10/min (s, min, h, day), nor off")
    return text


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("is below zero")
    return number


def _amount(text: str) -> Decimal:
    if not re.fullmatch(r"\d{1,12}(\.\d{1,3})?", text):
        raise ValueError("is not an amount")
    return Decimal(text)


def _percent(text: str) -> Decimal:
    percent = _amount(text)
    if percent > 100:
        raise ValueError("is more than 100 percent")
    return percent


def _hour(text: str) -> int:
    number = int(text)
    if not 0 <= number < 24:
        raise ValueError("is no hour of the day")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65536:
        raise ValueError("is not a port")
    return number


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return text

    return read


def _matching(pattern: str, wanted: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"is not {wanted}")
        return text

    return read


_database_url = _matching(r"(postgres|postgresql|pgsql)://\S+", "a postgres:// URL")
_redis_url = _matching(r"rediss?://\S+", "a redis:// or rediss:// URL")
_web_url = _matching(r"https?://[^\s/]+\S*", "an http:// or https:// URL")
_reset_url = _matching(
    r"https?://[^\s/]+(?=\S*\{uid\})(?=\S*\{token\})\S*",
    "an http:// or https:// URL with {uid} and {token} in it",
)
_invitation_url = _matching(
    r"https?://[^\s/]+(?=\S*\{token\})\S*", "an http:// or https:// URL with {token} in it"
)
_folder_url = _matching(r"(/|https?://)\S*/", "a path or URL that ends with a slash")


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("is no time zone such as Asia/Tashkent")
    return text


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
    Name(
        "DJANGO_SETTINGS_MODULE",
        _one_of(*(f"karvon.settings.{kind}" for kind in ("development", "production", "test"))),
        "karvon.settings.development",
        "of the process, not of a file; karvon.settings.production refuses to start with anything unsafe",
    ),
    Name("KARVON_HOME", Path, ROOT / ".karvon", "where the demo keeps its servers, pictures and mail"),
    Name("KARVON_HOST", str, "127.0.0.1", "address the web server listens on; 0.0.0.0 for all"),
    Name("KARVON_PORT", _port, 8000, "port of the web server"),
    Name("KARVON_WEB_WORKERS", _natural, 2, "web processes"),
    Name("KARVON_WEB_THREADS", _natural, 4, "threads, and so database connections, of each web process"),
    Name("KARVON_ACCESS_LOG", _bool, True, "a line per request in the live log of the demo"),
    Name("KARVON_DEBUG", _bool, False, "tracebacks in answers; never in production"),
    Name(
        "KARVON_DEBUG_TOOLBAR",
        _bool,
        False,
        "django-debug-toolbar on the pages for people, with KARVON_DEBUG only; in requirements/dev.txt",
    ),
    Name(
        "KARVON_PROFILING",
        _bool,
        False,
        "django-silk records every request, operators see it at /silk/; in requirements/dev.txt",
    ),
    Name("KARVON_DEMO", _bool, False, "demo pages (mail); refused in production"),
    Name(
        "KARVON_SIMULATORS_PORT",
        _natural,
        0,
        "of the payment providers' simulators in the demo; 0: the port after KARVON_PORT",
    ),
    Name("KARVON_SEED", _bool, True, "fill an empty demo with data at its first start"),
    Name("KARVON_SECRET_KEY", str, "", "signs tokens and sessions; 50 random characters or more"),
    Name("KARVON_ALLOWED_HOSTS", _list, ["localhost", "127.0.0.1", "[::1]"], "host names, by comma"),
    Name(
        "KARVON_PUBLIC_URL", _web_url, "http://localhost:8000", "how customers reach the shop; used in mails"
    ),
    Name(
        "KARVON_PASSWORD_RESET_URL",
        _reset_url,
        "",
        "where a lost password is replaced, with {uid} and {token}; empty: the shop's own page",
    ),
    Name(
        "KARVON_INVITATION_URL",
        _invitation_url,
        "",
        "where an invitation to work for a shop is accepted, with {token}; empty: the shop's own page",
    ),
    Name("KARVON_SHOP_NAME", str, "Karvon", "name in mails and on pages"),
    Name("KARVON_CORS_ORIGINS", _list, [], "web clients' origins, by comma"),
    Name("KARVON_TRUSTED_PROXIES", _natural, 0, "how many proxies in front add to X-Forwarded-For"),
    Name("KARVON_MAX_BODY_BYTES", _natural, 300 * 1024 * 1024, "larger requests are refused unread"),
    Name("DATABASE_URL", _database_url, "", "postgres://…, 15 or later; empty: the embedded server"),
    Name("DATABASE_POOLER", _bool, False, "a transaction pooler (PgBouncer) stands in between"),
    Name(
        "DATABASE_CONN_MAX_AGE", _natural, 600, "seconds a connection is kept; 0 closes it after each request"
    ),
    Name("KARVON_LOCK_TIMEOUT_MS", _natural, 3000, "how long a write waits for somebody else's"),
    Name(
        "KARVON_STATEMENT_TIMEOUT_MS",
        _natural,
        30000,
        "longest statement of a request or task; 0 for no limit",
    ),
    Name(
        "KARVON_IDLE_TRANSACTION_TIMEOUT_MS",
        _natural,
        45000,
        "when PostgreSQL ends the transaction of a process that froze or vanished; 0 for never",
    ),
    Name("REDIS_URL", _redis_url, "", "redis:// or rediss://, 6.2 or later; empty: the embedded server"),
    Name("KARVON_CACHE_URL", _redis_url, "", "empty: number 2 of REDIS_URL"),
    Name("KARVON_BROKER_URL", _redis_url, "", "of the task queues; empty: number 1 of REDIS_URL"),
    Name("KARVON_REDIS_TIMEOUT", float, 2.0, "seconds to wait for Redis before an answer of 503"),
    Name("KARVON_DEFAULT_LANGUAGE", _one_of("uz", "ru", "en", "ar"), "en", "uz, ru, en or ar"),
    Name("KARVON_DEFAULT_CURRENCY", _matching(r"[A-Z]{3}", "three capital letters"), "UZS", "ISO 4217"),
    Name(
        "KARVON_TIME_ZONE",
        _time_zone,
        "Asia/Tashkent",
        "the platform's clock: days of its statistics, hours of its mails",
    ),
    Name(
        "KARVON_REPORT_HOUR",
        _hour,
        7,
        "from when on the report of the day before is mailed, 0 to 23, by the reader's clock",
    ),
    Name("KARVON_PHONE_REGION", str, "UZ", "country of phone numbers written without one"),
    Name("KARVON_PAYMENT_DEADLINE_MINUTES", _natural, 30, "how long an unpaid order keeps its goods"),
    Name("KARVON_TRANSFER_DEADLINE_HOURS", _natural, 72, "the same of one that is paid by bank transfer"),
    Name(
        "KARVON_COMMISSION_PERCENT",
        _percent,
        Decimal(10),
        "what the platform takes of sales that no commission rule is for",
    ),
    Name(
        "KARVON_PAYOUT_COOLING_OFF_HOURS",
        _natural,
        72,
        "how long payouts to bank details that were changed are held",
    ),
    Name("KARVON_DELIVERY_MINUTES", _natural, 45, "told to customers: from order to door, of food"),
    Name("KARVON_PICKUP_MINUTES", _natural, 20, "told to customers: until an order can be fetched"),
    Name("KARVON_ACCESS_TOKEN_MINUTES", _natural, 1440, "life of an access token"),
    Name(
        "KARVON_STOREFRONT_TOKEN_MINUTES",
        _natural,
        1440,
        "the same where a login comes by the storefront door",
    ),
    Name("KARVON_REFRESH_TOKEN_DAYS", _natural, 30, "life of a login that is not used"),
    Name("KARVON_LOGIN_FAILURES_PER_ACCOUNT", _natural, 5, "wrong passwords before an account name waits"),
    Name("KARVON_LOGIN_FAILURES_PER_ADDRESS", _natural, 50, "wrong passwords before an address waits"),
    Name(
        "KARVON_THROTTLE_LOGIN",
        _rate,
        "10/min",
        "logins per caller; off for no limit, as for the other rates",
    ),
    Name("KARVON_THROTTLE_REGISTRATION", _rate, "20/h", "registrations per caller"),
    Name("KARVON_THROTTLE_PASSWORD_RESET", _rate, "20/h", "lost passwords per caller"),
    Name("KARVON_THROTTLE_REFRESH", _rate, "60/min", "token refreshes per caller"),
    Name("KARVON_THROTTLE_COUPONS", _rate, "20/min", "coupon tries per caller"),
    Name("KARVON_THROTTLE_GUEST_ORDERS", _rate, "60/h", "orders at store pages per caller"),
    Name("KARVON_THROTTLE_WRITE", _rate, "300/min", "other writes per caller"),
    Name("KARVON_THROTTLE_READ", _rate, "3000/min", "reads per caller"),
    Name(
        "KARVON_MEMBERSHIP_SILVER_FROM",
        _amount,
        Decimal(5_000_000),
        "paid and kept in twelve months for silver",
    ),
    Name(
        "KARVON_MEMBERSHIP_GOLD_FROM", _amount, Decimal(20_000_000), "paid and kept in twelve months for gold"
    ),
    Name("KARVON_MEMBERSHIP_BRONZE_PERCENT", _percent, Decimal(0), "off every order of a bronze member"),
    Name("KARVON_MEMBERSHIP_SILVER_PERCENT", _percent, Decimal(3), "off every order of a silver member"),
    Name("KARVON_MEMBERSHIP_GOLD_PERCENT", _percent, Decimal(7), "off every order of a gold member"),
    Name(
        "KARVON_STORE_MERCHANT",
        str,
        "",
        "whose the storefront door's new products are; empty: the oldest open shop",
    ),
    Name("KARVON_CART_DAYS", _natural, 30, "how long an untouched cart is kept"),
    Name(
        "KARVON_CART_REMINDER_DAYS",
        _natural,
        7,
        "when customers are reminded of a cart they left, before it goes; 0 for never",
    ),
    Name("KARVON_CART_URL", str, "", "where mails lead to a cart; empty: /cart/ of KARVON_PUBLIC_URL"),
    Name("KARVON_CART_MAX_LINES", _natural, 200, "lines in one cart"),
    Name("KARVON_MEDIA_URL", _folder_url, "/media/", "where pictures are served; ends with a slash"),
    Name("KARVON_IMAGE_MAX_BYTES", _natural, 10 * 1024 * 1024, "largest picture"),
    Name("KARVON_KYC_MAX_BYTES", _natural, 10 * 1024 * 1024, "largest document of a merchant"),
    Name(
        "KARVON_INVITATION_DAYS", _natural, 7, "how long the link of an invitation to work for a shop is good"
    ),
    Name("KARVON_IMPORT_MAX_BYTES", _natural, 256 * 1024 * 1024, "largest catalogue file"),
    Name("KARVON_IMPORT_CREATES_CATEGORIES", _bool, True, "imports may add categories to the shop's tree"),
    Name("KARVON_JOB_FILE_DAYS", _natural, 7, "how long catalogue files and exports are kept"),
    Name("KARVON_S3_BUCKET", str, "", "keep files in S3 instead of on disk"),
    Name("KARVON_S3_ENDPOINT_URL", str, "", "for S3-compatible stores"),
    Name("KARVON_S3_REGION", str, "", "region of the bucket"),
    Name("KARVON_S3_ACCESS_KEY", str, "", "empty: the machine's own role"),
    Name("KARVON_S3_SECRET_KEY", str, "", "goes with the access key"),
    Name("KARVON_MAIL_FROM", str, "Karvon <shop@karvon.example>", "sender of mails"),
    Name("KARVON_SMTP_HOST", str, "", "empty: mails become files in KARVON_HOME/mail"),
    Name("KARVON_SMTP_PORT", _port, 587, "port of the mail server"),
    Name("KARVON_SMTP_USER", str, "", "empty: no login"),
    Name("KARVON_SMTP_PASSWORD", str, "", "goes with the user"),
    Name("KARVON_SMTP_TLS", _bool, True, "STARTTLS"),
    Name(
        "KARVON_ENCRYPTION_KEYS",
        _list,
        [],
        "for the secrets of merchants' provider accounts, newest first, by comma; empty: from KARVON_SECRET_KEY",
    ),
    Name(
        "KARVON_RETURN_URLS",
        _list,
        [],
        "where customers may go after paying, besides KARVON_PUBLIC_URL: beginnings of URLs, by comma",
    ),
    *(Name(name, str, "", meaning) for names in ACCOUNTS.values() for name, meaning in names),
    *(
        Name(f"{provider.upper()}_BASE_URL", _web_url, "", "another place than its own, such as a simulator")
        for provider in ACCOUNTS
    ),
    Name("TEST_SMS_FIXED_CODE", str, "", "one code for all phones; refused in production"),
    Name("TEST_DATABASE_URL", _database_url, "", "tests: use this PostgreSQL instead of a throwaway one"),
    Name("TEST_REDIS_URL", _redis_url, "", "tests: use this Redis instead of a throwaway one"),
)


class BadEnvironment(SystemExit):
    """The server does not start; the message names every problem at once."""


def read_environment(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Values by name; without `environ`, of this process and, where it says nothing, of the file `.env`.

    Raises BadEnvironment listing every value that cannot be read.
    """
    environ = said_environment() if environ is None else environ
    values, problems = {}, []
    for each in NAMES:
        text = environ.get(each.name)
        try:
            values[each.name] = each.default if text in (None, "") else each.read(text)
        except ValueError as error:
            shown = "***" if _holds_secrets(each.name) else repr(text)
            problems.append(f"{each.name}={shown}: {error}")
    if problems:
        raise BadEnvironment("Karvon cannot start:\n  " + "\n  ".join(problems))
    return values


def said_environment() -> dict[str, str]:
    """The names of this process and, where it says nothing, of the file `.env`."""
    return {**_env_file(), **os.environ}


def _holds_secrets(name: str) -> bool:
    return name.endswith(("_URL", "_KEY", "_PASSWORD")) and not name.startswith(
        ("KARVON_PUBLIC", "KARVON_MEDIA")
    )


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


def _is_weak(secret: str) -> bool:
    placeholder = re.search(r"change.?me|insecure|example|only-for-tests|django-", secret, re.IGNORECASE)
    return len(secret) < 50 or len(set(secret)) < 12 or placeholder is not None


def refuse_unsafe(values: Mapping[str, Any]) -> None:
    """Production's conditions. Raises BadEnvironment naming every one that is not met, and why it matters."""
    secret, hosts = values["KARVON_SECRET_KEY"], values["KARVON_ALLOWED_HOSTS"]
    checks = (
        (values["KARVON_DEBUG"], "KARVON_DEBUG is on: errors would show code and data to strangers"),
        (
            values["KARVON_DEBUG_TOOLBAR"],
            "KARVON_DEBUG_TOOLBAR is on: pages would show queries and settings to strangers",
        ),
        (values["KARVON_DEMO"], "KARVON_DEMO is on: everybody could read the customers' mail"),
        (not secret, "KARVON_SECRET_KEY is missing: tokens and sessions cannot be signed"),
        (
            bool(secret) and _is_weak(secret),
            "KARVON_SECRET_KEY is weak (50 random characters are needed): tokens could be forged",
        ),
        (
            any(host in ("*", ".", "") for host in hosts),
            "KARVON_ALLOWED_HOSTS has a wildcard: links in mails could be made to lead to anybody",
        ),
        (
            bool(values["TEST_SMS_FIXED_CODE"]),
            "TEST_SMS_FIXED_CODE is set: one code would open every account",
        ),
        (not values["DATABASE_URL"], "DATABASE_URL is missing: the embedded PostgreSQL is for demos"),
        (not values["REDIS_URL"], "REDIS_URL is missing: the embedded Valkey is for demos"),
    )
    problems = [reason for is_bad, reason in checks if is_bad] + _simulated(values)
    if problems:
        raise BadEnvironment("Karvon refuses to start in production:\n  " + "\n  ".join(problems))


def _simulated(values: Mapping[str, Any]) -> list[str]:
    """What is left of the demo's payment providers, of which everybody knows the secrets."""
    names = [name for account in ACCOUNTS.values() for name, _meaning in account]
    bases = [f"{provider.upper()}_BASE_URL" for provider in ACCOUNTS]
    return [
        *(
            f"{name} is the demo's: everybody could say that an order is paid"
            for name in names
            if re.search(r"karvon[-_]?demo", values[name], re.IGNORECASE)
        ),
        *(
            f"{name} is not https: money and keys would go to whoever listens"
            for name in bases
            if values[name] and not values[name].startswith("https://")
        ),
    ]


def example() -> str:
    """The text of `.env.example`."""
    lines = [
        "# Every environment name that Karvon reads, with its meaning and its default.",
        "# A copy of this file named .env beside it is read at start; the environment itself goes first.",
    ]
    for each in NAMES:
        lines += ["", f"# {each.meaning}", f"#{each.name}={_shown(each.default)}"]
    return "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if isinstance(default, list):
        return ",".join(default)
    if isinstance(default, Path):
        return str(default.relative_to(ROOT))
    if isinstance(default, bool):
        return str(default).lower()
    return str(default)
