"""The demo and a developer's machine: embedded servers unless the environment names others."""

from karvon.runtime.keeping import attach
from karvon.settings.base import *  # noqa: F403
from karvon.settings.base import ENV, HOME, INSTALLED_APPS, KARVON_THROTTLES, broker, caches, database
from karvon.settings.env import NAMES

INSTALLED_APPS = [*INSTALLED_APPS, "karvon.simulators"]  # payment providers that stand on this machine
_servers = attach(HOME, database_url=ENV["DATABASE_URL"], redis_url=ENV["REDIS_URL"])
SECRET_KEY = ENV["KARVON_SECRET_KEY"] or _servers.secret_key
DATABASES = {
    "default": database(
        _servers.database_url,
        pooler=ENV["DATABASE_POOLER"],
        max_age=ENV["DATABASE_CONN_MAX_AGE"],
        statement_timeout_ms=ENV["KARVON_STATEMENT_TIMEOUT_MS"],
        idle_transaction_timeout_ms=ENV["KARVON_IDLE_TRANSACTION_TIMEOUT_MS"],
    )
}
REDIS_URL = _servers.redis_url
CELERY_BROKER_URL, CELERY_BROKER_USE_SSL = broker(REDIS_URL)
CACHES = caches(REDIS_URL)
# one address may try things out, unless somebody wants it otherwise
_GENEROUS = dict.fromkeys(KARVON_THROTTLES, "100000/min") | {"login": "300/min", "registration": "300/min"}
_DEFAULTS = {each.name: each.default for each in NAMES}
KARVON_THROTTLES = {
    scope: _GENEROUS[scope] if rate == _DEFAULTS[f"KARVON_THROTTLE_{scope.upper()}"] else rate
    for scope, rate in KARVON_THROTTLES.items()
}
if ENV["KARVON_HOST"] not in ("127.0.0.1", "localhost", "::1"):
    ALLOWED_HOSTS = ["*"]  # shown to others on purpose, by whatever name they know this machine
