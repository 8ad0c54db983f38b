"""Where PostgreSQL, Redis and the queues are, as Django and Celery want to be told."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import environ

from karvon.settings.env import read_environment

ENV = read_environment()


def database(
    url: str,
    *,
    pooler: bool,
    max_age: int,
    statement_timeout_ms: int = 0,
    idle_transaction_timeout_ms: int = 0,
) -> dict[str, Any]:
    """Django's database dict for one URL; a timeout of 0 is none."""
    config: dict[str, Any] = environ.Env.db_url_config(url)
    config["ENGINE"] = "django.db.backends.postgresql"
    config["CONN_MAX_AGE"] = 0 if pooler else max_age
    config["CONN_HEALTH_CHECKS"] = not pooler
    config["DISABLE_SERVER_SIDE_CURSORS"] = pooler
    options = config.setdefault("OPTIONS", {})
    # statements planned once per connection; a transaction pooler has no connection of ours to keep them in
    options["prepare_threshold"] = None if pooler else 2
    # a server that vanished says nothing: notice it in half a minute, not after the system's two hours
    for name, value in {
        "connect_timeout": 3,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": 30_000,
    }.items():
        options.setdefault(name, value)
    limits = {
        "statement_timeout": statement_timeout_ms,
        "idle_in_transaction_session_timeout": idle_transaction_timeout_ms,
    }
    if not pooler:
        # what is prepared is planned once and for all; where values matter to the plan they stand in the text
        settings = {"plan_cache_mode": "force_generic_plan"} | {
            name: limit for name, limit in limits.items() if limit
        }
        options["options"] = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return config


def with_database_number(url: str, number: int) -> str:
    """The same Redis, another of its numbered databases."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


def caches(redis_url: str) -> dict[str, dict[str, str]]:
    """Django's caches beside the carts of this Redis, unless they have a server of their own."""
    url = ENV["KARVON_CACHE_URL"] or with_database_number(redis_url, 2)
    return {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url}}


def broker(redis_url: str) -> tuple[str, dict[str, Any] | None]:
    """The queues' URL, and for rediss:// that the server must prove who it is."""
    url = ENV["KARVON_BROKER_URL"] or with_database_number(redis_url, 1)
    return url, {"ssl_cert_reqs": ssl.CERT_REQUIRED} if url.startswith("rediss://") else None
