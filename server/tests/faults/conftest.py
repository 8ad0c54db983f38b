"""One shop for all tests of faults: each leaves it as well as it was."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.db import connection

from karvon.notifications.tests.mailserver import Behaviour, mail_server
from tests.faults.shop import PASSWORD, Shop


@pytest.fixture(autouse=True)
def clean_redis() -> None:
    """These tests have a Redis of their own and leave the shared one alone."""


@pytest.fixture(scope="package")
def mail() -> Iterator[Behaviour]:
    """The mail server of the shop."""
    with mail_server(SimpleNamespace()) as behaviour:
        yield behaviour


@pytest.fixture(scope="package")
def running_shop(mail: Behaviour) -> Iterator[Shop]:
    folder = Path(f"/var/tmp/karvon-faults-{os.getpid()}")
    folder.mkdir(mode=0o755)
    shop = Shop(folder, mail_port=mail.port)
    try:
        shop.start()
        yield shop
    finally:
        shop.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shop(running_shop: Shop, mail: Behaviour, settings: LazySettings, django_db_blocker) -> Iterator[Shop]:
    """The running shop; the test's own connection and Redis client are the shop's."""
    ours = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(
        HOST="127.0.0.1", PORT=running_shop.postgres.port, NAME="karvon", USER="karvon", PASSWORD=PASSWORD
    )
    settings.REDIS_URL = running_shop.environ["REDIS_URL"]
    running_shop.mend()
    mail.may_answer.set()
    with django_db_blocker.unblock():
        said = len(running_shop.said())
        yield running_shop
        connection.close()
    sys.stdout.write(running_shop.said()[said:])  # shown beside a failure
    connection.settings_dict.update(ours)
