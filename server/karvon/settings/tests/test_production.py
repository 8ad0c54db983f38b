"""Production starts only on purpose: each unsafe setting is refused, with its name and the reason."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from karvon.settings.env import BadEnvironment, read_environment, refuse_unsafe
from karvon.simulators.credentials import DEMO

SERVER = Path(__file__).resolve().parents[3]
SAFE = {
    "DJANGO_SETTINGS_MODULE": "karvon.settings.production",
    "KARVON_SECRET_KEY": "q7Zr2mX9vT4nB8kL1pW6sD3fG5hJ0aCyEuIoRtQwMzNxVbKlPs",
    "KARVON_ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgres://shop:pw@127.0.0.1:1/shop",
    "REDIS_URL": "rediss://:pw@127.0.0.1:1/0",
}
UNSAFE = [
    ("KARVON_DEBUG", "1", "KARVON_DEBUG is on"),
    ("KARVON_DEBUG_TOOLBAR", "1", "KARVON_DEBUG_TOOLBAR is on"),
    ("KARVON_DEMO", "1", "KARVON_DEMO is on"),
    ("KARVON_SECRET_KEY", "", "KARVON_SECRET_KEY is missing"),
    ("KARVON_SECRET_KEY", "short", "KARVON_SECRET_KEY is weak"),
    ("KARVON_SECRET_KEY", "ab" * 40, "KARVON_SECRET_KEY is weak"),
    (
        "KARVON_SECRET_KEY",
        "django-insecure-q7Zr2mX9vT4nB8kL1pW6sD3fG5hJ0aCyEuIoRtQw",
        "KARVON_SECRET_KEY is weak",
    ),
    ("KARVON_ALLOWED_HOSTS", "shop.example,*", "KARVON_ALLOWED_HOSTS has a wildcard"),
    ("TEST_SMS_FIXED_CODE", "0000", "TEST_SMS_FIXED_CODE is set"),
    ("PAYME_KEY", DEMO.payme_key, "PAYME_KEY is the demo's"),
    ("RAZORPAY_KEY_ID", DEMO.razorpay_key_id, "RAZORPAY_KEY_ID is the demo's"),
    ("STRIPE_BASE_URL", "http://127.0.0.1:8001/stripe", "STRIPE_BASE_URL is not https"),
    ("DATABASE_URL", "", "DATABASE_URL is missing"),
    ("REDIS_URL", "", "REDIS_URL is missing"),
]


def run_python(code: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("KARVON_", "DATABASE", "REDIS"))
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=SERVER,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("name", "text", "reason"), UNSAFE)
def test_an_unsafe_setting_is_refused(name, text, reason):
    with pytest.raises(BadEnvironment) as refusal:
        refuse_unsafe(read_environment({**SAFE, name: text}))

    assert reason in str(refusal.value)
    assert str(refusal.value).count("\n  ") == 1


def test_safe_settings_are_accepted():
    refuse_unsafe(read_environment(SAFE))


def test_all_reasons_are_told_at_once_and_the_server_does_not_start():
    bad = {name: text for name, text, _ in UNSAFE if name != "KARVON_SECRET_KEY"} | {
        "KARVON_SECRET_KEY": "short"
    }

    done = run_python("import karvon.wsgi", {**SAFE, **bad})

    assert done.returncode != 0
    for reason in (
        "DEBUG",
        "DEMO",
        "SECRET_KEY is weak",
        "wildcard",
        "FIXED_CODE",
        "DATABASE_URL",
        "REDIS_URL",
    ):
        assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_celery_does_not_start_either():
    code = "from karvon.celery import app; app.conf.task_routes"

    done = run_python(code, {**SAFE, "TEST_SMS_FIXED_CODE": "1111"})

    assert done.returncode != 0
    assert "TEST_SMS_FIXED_CODE" in done.stderr


def test_production_is_strict_where_it_matters():
    code = (
        "from django.conf import settings as s\n"
        "assert s.DEBUG is False and s.KARVON_DEMO is False\n"
        "assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SECURE_HSTS_SECONDS >= 31536000\n"
        "assert s.PASSWORD_HASHERS[0].endswith('Argon2PasswordHasher')\n"
        "assert s.KARVON_THROTTLES['login'] == '10/min'\n"
        "assert s.CELERY_BROKER_USE_SSL and s.CELERY_BROKER_URL.endswith('/1')\n"
        "assert 'Manifest' in s.STORAGES['staticfiles']['BACKEND']\n"
        "assert \"'unsafe-inline'\" not in str(s.CONTENT_SECURITY_POLICY)\n"
    )

    done = run_python(code, SAFE)

    assert done.returncode == 0, done.stderr


def test_a_pooler_gets_no_prepared_statements_and_no_server_side_cursors():
    code = (
        "from django.conf import settings as s\nd = s.DATABASES['default']\n"
        "assert d['DISABLE_SERVER_SIDE_CURSORS'] and d['CONN_MAX_AGE'] == 0\n"
        "assert d['OPTIONS']['prepare_threshold'] is None and 'options' not in d['OPTIONS']\n"
    )

    done = run_python(code, {**SAFE, "DATABASE_POOLER": "1"})

    assert done.returncode == 0, done.stderr
