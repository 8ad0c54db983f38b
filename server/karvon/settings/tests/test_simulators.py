"""Production has no simulated providers: not in its settings, not by import, not below settings of somebody's own."""

from __future__ import annotations

import sys

import pytest
from django.conf import settings

from karvon.settings.checks import check_no_simulators
from karvon.settings.env import BadEnvironment, read_environment, refuse_unsafe
from karvon.settings.tests.test_production import SAFE, run_python
from karvon.simulators.credentials import environment


def test_production_s_settings_do_not_know_them_and_importing_raises():
    done = run_python(
        "from karvon.settings import production as p; print(p.INSTALLED_APPS); import karvon.simulators", SAFE
    )

    assert "karvon.orders" in done.stdout
    assert "karvon.simulators" not in done.stdout
    assert "NotInProduction" in done.stderr
    assert done.returncode == 1
    assert "karvon.simulators" in settings.INSTALLED_APPS


def test_a_check_finds_them_below_settings_made_from_production_s(monkeypatch: pytest.MonkeyPatch):
    before = check_no_simulators()
    monkeypatch.setitem(sys.modules, "karvon.settings.production", sys)

    found = check_no_simulators()

    assert before == []
    assert [each.id for each in found] == ["karvon.E005"]


def test_every_secret_of_the_demo_can_be_told_by_its_text():
    told = environment("http://localhost:1")

    secrets = {name: text for name, text in told.items() if name.endswith(("_KEY", "_SECRET", "_PASSWORD"))}
    assert len(secrets) == 8
    with pytest.raises(BadEnvironment) as refusal:
        refuse_unsafe(read_environment(SAFE | told))
    assert [name for name in secrets if f"{name} is the demo's" not in str(refusal.value)] == []
