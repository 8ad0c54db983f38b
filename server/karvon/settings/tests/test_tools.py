"""Debug toolbar and profiler: invisible unless asked for, and then only for whom they are for.

They are tried in a process of their own, because settings are read once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from karvon.settings.env import BadEnvironment, read_environment
from karvon.settings.tools import Tools

SERVER = Path(__file__).resolve().parents[3]
PATHS = ("/__debug__/", "/__debug__/render_panel/", "/silk/", "/silk/requests/")
# asks a few pages of a shop in which the tools are on; the profiler's tables are made and taken down in one transaction
PROBE = """
import json, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client, RequestFactory
from django.test.utils import setup_test_environment
from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
debug = settings.DEBUG
setup_test_environment(debug=debug)
def ask(path, user=None):
    browser = Client(headers={"Accept": "text/html"})
    if user: browser.force_login(user, backend="karvon.accounts.backends.PasswordBackend")
    answer = browser.get(path)
    return answer.status_code, answer.get("Content-Security-Policy", ""), "djDebug" in answer.content.decode("utf8", "replace")
with transaction.atomic():
    if settings.TOOLS.has_profiler: call_command("migrate", "silk", verbosity=0)
    people = {"guest": None, "customer": make_user(), "merchant": make_user(role=Role.MERCHANT), "operator": make_user(role=Role.STAFF)}
    found = {"silk": {name: ask("/silk/", user)[0] for name, user in people.items()},
             "policy": ask("/silk/", people["operator"])[1],
             "login": ask("/admin/login/")[1:],
             "toolbar": ask("/__debug__/history_sidebar/")[0],
             "recorded": 0}
    if settings.TOOLS.has_profiler:
        from silk.models import Request
        ask("/api/v1/tags/")
        found["recorded"] = Request.objects.filter(path="/api/v1/tags/").count()
    transaction.set_rollback(True)
print("FOUND" + json.dumps(found))
"""


def probe(**environ: str) -> dict[str, Any]:
    """What pages answer in a process with these settings, on the database of this test run."""
    names = settings.DATABASES["default"]
    url = f"postgres://{names['USER']}:{names['PASSWORD']}@{names['HOST']}:{names['PORT']}/{names['NAME']}"
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("KARVON_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=SERVER, capture_output=True, text=True, timeout=120, check=False,
        env=kept | {
            "DJANGO_SETTINGS_MODULE": "karvon.settings.test", "KARVON_TEST_DATABASE_URL": url,
            "KARVON_TEST_REDIS_URL": settings.REDIS_URL, **environ,
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.partition("FOUND")[2])
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_they_are_not_there_when_nobody_asked(path: str) -> None:
    assert Client().get(path).status_code == 404
    assert not {"silk", "debug_toolbar"} & set(settings.INSTALLED_APPS)


def test_the_toolbar_needs_debug_as_well() -> None:
    assert not Tools.asked_for(read_environment({"KARVON_DEBUG_TOOLBAR": "1"})).apps


def test_a_tool_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("karvon.settings.tools.find_spec", lambda name: None)

    with pytest.raises(BadEnvironment) as refusal:
        Tools.asked_for(read_environment({"KARVON_PROFILING": "1"}))

    assert "make tools" in str(refusal.value)


@pytest.mark.django_db
def test_both_of_them_where_they_were_asked_for() -> None:
    found = probe(KARVON_PROFILING="1", KARVON_DEBUG="1", KARVON_DEBUG_TOOLBAR="1")

    assert found["silk"] == {"guest": 404, "customer": 404, "merchant": 404, "operator": 200}
    assert "script-src 'self' 'unsafe-inline'" in found["policy"]
    assert found["recorded"] == 1
    policy, has_toolbar = found["login"]
    assert has_toolbar
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert found["toolbar"] in (200, 400)
