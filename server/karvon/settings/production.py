"""Production: nothing is guessed, and what is unsafe refuses to start."""

from karvon.kernel.logging import logging_config
from karvon.settings.base import *  # noqa: F403
from karvon.settings.base import ENV, SILENCED_SYSTEM_CHECKS, STORAGES, broker, caches, database
from karvon.settings.env import refuse_unsafe

refuse_unsafe(ENV)

DATABASES = {
    "default": database(
        ENV["DATABASE_URL"],
        pooler=ENV["DATABASE_POOLER"],
        max_age=ENV["DATABASE_CONN_MAX_AGE"],
        statement_timeout_ms=ENV["KARVON_STATEMENT_TIMEOUT_MS"],
        idle_transaction_timeout_ms=ENV["KARVON_IDLE_TRANSACTION_TIMEOUT_MS"],
    )
}
REDIS_URL = ENV["REDIS_URL"]
CELERY_BROKER_URL, CELERY_BROKER_USE_SSL = broker(REDIS_URL)
CACHES = caches(REDIS_URL)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = False  # a proxy in front speaks TLS; a redirect would lose bodies
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV["KARVON_TRUSTED_PROXIES"] else None
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SILENCED_SYSTEM_CHECKS = [
    *SILENCED_SYSTEM_CHECKS,
    "security.W001",  # the security middleware runs for browsers only: KARVON_BROWSER_MIDDLEWARE
    "security.W002",  # clickjacking: GateMiddleware sets X-Frame-Options on every answer
    "security.W003",  # CSRF tokens: checked where cookies log people in, the API takes bearer tokens
    "security.W008",  # see SECURE_SSL_REDIRECT
]
WHITENOISE_USE_FINDERS = False
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
LOGGING = logging_config(json=True)
