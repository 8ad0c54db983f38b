"""The demo and a developer's machine: embedded servers unless the environment names others."""

from karvon.runtime.keeping import attach
from karvon.settings.base import *  # noqa: F403
from karvon.settings.base import ENV, HOME, KARVON_THROTTLES, database, with_database_number

_servers = attach(HOME, database_url=ENV["DATABASE_URL"], redis_url=ENV["REDIS_URL"])
SECRET_KEY = ENV["KARVON_SECRET_KEY"] or _servers.secret_key
DATABASES = {
    "default": database(
        _servers.database_url,
        pooler=ENV["DATABASE_POOLER"],
        max_age=ENV["DATABASE_CONN_MAX_AGE"],
        statement_timeout_ms=ENV["KARVON_STATEMENT_TIMEOUT_MS"],
    )
}
REDIS_URL = _servers.redis_url
CELERY_BROKER_URL = with_database_number(REDIS_URL, 1)
CACHES = {
    "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": with_database_number(REDIS_URL, 2)}
}
# one address may try things out
KARVON_THROTTLES = {
    **dict.fromkeys(KARVON_THROTTLES, "100000/min"),
    "login": "300/min",
    "registration": "300/min",
}
