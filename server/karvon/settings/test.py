"""Tests: the servers that conftest started, cheap password hashes, no limits on tries."""

import os
import tempfile
from pathlib import Path

from karvon.settings.base import *  # noqa: F403
from karvon.settings.base import ENV, INSTALLED_APPS, KARVON_THROTTLES, database, with_database_number

SECRET_KEY = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG"  # noqa: S105
KARVON_DEMO = True
INSTALLED_APPS = [*INSTALLED_APPS, "karvon.simulators"]
DEBUG = ENV["KARVON_DEBUG"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0)
DATABASES = {
    "default": database(
        os.environ.get("KARVON_TEST_DATABASE_URL", "postgres://nobody@127.0.0.1:1/karvon"),
        pooler=False,
        max_age=600,
    )
}
REDIS_URL = with_database_number(os.environ.get("KARVON_TEST_REDIS_URL", "redis://127.0.0.1:1"), _worker * 3)
CELERY_BROKER_URL = with_database_number(REDIS_URL, _worker * 3 + 1)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": with_database_number(REDIS_URL, _worker * 3 + 2),
    }
}
KARVON_LOCK_TIMEOUT_MS = 20000
KARVON_REDIS_TIMEOUT = 10.0
KARVON_THROTTLES = dict.fromkeys(KARVON_THROTTLES)
LOGIN_FAILURES_PER_ACCOUNT = 5
LOGIN_FAILURES_PER_ADDRESS = 1000
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
_files = tempfile.mkdtemp(prefix="karvon-test-files-")
STORAGES = {
    "default": {
        "BACKEND": "karvon.media.storage.AtomicFileSystemStorage",
        "OPTIONS": {"location": f"{_files}/media"},
    },
    "private": {
        "BACKEND": "karvon.media.storage.AtomicFileSystemStorage",
        "OPTIONS": {"location": f"{_files}/private"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = Path(_files) / "media"
KARVON_MADE_STATIC = Path(_files) / "made-static"

# each test client makes the middleware anew: files are looked for when they are asked for, not all of them every time
WHITENOISE_AUTOREFRESH = True
# collected for demo and production only; WhiteNoise would say with every test client that the folder is not there
STATIC_ROOT = Path(_files) / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
