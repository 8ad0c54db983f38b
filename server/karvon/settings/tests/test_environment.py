"""One list of names: typed, complete, and every problem told at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from karvon.settings import env
from karvon.settings.providers import ACCOUNTS

SERVER = Path(__file__).resolve().parents[3]


def test_defaults_are_read_without_an_environment():
    values = env.read_environment({})

    assert values["KARVON_PORT"] == 8000
    assert values["KARVON_DEBUG"] is False
    assert values["KARVON_DEFAULT_CURRENCY"] == "UZS"
    assert set(values) == {each.name for each in env.NAMES}


def test_values_get_their_types():
    values = env.read_environment(
        {
            "KARVON_PORT": "9000",
            "KARVON_DEMO": "on",
            "KARVON_CORS_ORIGINS": "https://a.example, https://b.example",
        }
        | {"KARVON_THROTTLE_LOGIN": "off", "KARVON_HOME": "/srv/shop"}
    )

    assert values["KARVON_PORT"] == 9000
    assert values["KARVON_DEMO"] is True
    assert values["KARVON_CORS_ORIGINS"] == ["https://a.example", "https://b.example"]
    assert values["KARVON_THROTTLE_LOGIN"] is None
    assert values["KARVON_HOME"] == Path("/srv/shop")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("KARVON_PORT", "eighty"),
        ("KARVON_PORT", "70000"),
        ("KARVON_DEBUG", "perhaps"),
        ("KARVON_THROTTLE_LOGIN", "10/fortnight"),
        ("KARVON_THROTTLE_LOGIN", "0/min"),
        ("KARVON_DEFAULT_LANGUAGE", "fr"),
        ("KARVON_DEFAULT_CURRENCY", "sum"),
        ("KARVON_PUBLIC_URL", "shop.example"),
        ("KARVON_MEDIA_URL", "/media"),
        ("KARVON_CART_DAYS", "-1"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(name, text):
    with pytest.raises(env.BadEnvironment) as refusal:
        env.read_environment({name: text})

    assert name in str(refusal.value)
    assert text in str(refusal.value)


def test_all_unreadable_values_are_told_at_once():
    with pytest.raises(env.BadEnvironment) as refusal:
        env.read_environment({"KARVON_PORT": "x", "KARVON_DEBUG": "y", "REDIS_URL": "z"})

    assert all(name in str(refusal.value) for name in ("KARVON_PORT", "KARVON_DEBUG", "REDIS_URL"))


def test_a_secret_that_cannot_be_read_is_not_shown():
    with pytest.raises(env.BadEnvironment) as refusal:
        env.read_environment({"DATABASE_URL": "mysql://root:hunter2@db/shop"})

    assert "DATABASE_URL=***: is not a postgres:// URL" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_the_environment_goes_before_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text('# shop\nKARVON_PORT=9001\nexport KARVON_SHOP_NAME="Registan"\n')
    monkeypatch.setattr(env, "ROOT", tmp_path)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "karvon.settings.development")
    monkeypatch.setenv("KARVON_PORT", "9002")

    values = env.read_environment()

    assert values["KARVON_PORT"] == 9002
    assert values["KARVON_SHOP_NAME"] == "Registan"


def test_every_name_that_settings_use_is_on_the_list_and_the_other_way_round():
    folder = SERVER / "karvon"
    code = "\n".join(
        file.read_text() for part in ("settings", "runtime") for file in (folder / part).glob("*.py")
    )
    used = set(re.findall(r'(?:ENV|values)\["([A-Z_0-9]+)"\]', code))
    named = {each.name for each in env.NAMES}

    assert used <= named
    accounts = {name for names in ACCOUNTS.values() for name, _meaning in names}
    bases = {f"{provider.upper()}_BASE_URL" for provider in ACCOUNTS}
    by_other_ways = {"DJANGO_SETTINGS_MODULE", "TEST_DATABASE_URL", "TEST_REDIS_URL", *accounts, *bases}
    assert {name for name in named - used - by_other_ways if not name.startswith("KARVON_THROTTLE_")} == set()


def test_the_example_file_is_the_list():
    assert (SERVER.parent / ".env.example").read_text() == env.example()
