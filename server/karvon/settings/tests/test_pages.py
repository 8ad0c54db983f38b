"""The pages for people: their policies, and nothing from other servers."""

from __future__ import annotations

import re

import pytest

PAGES = [
    "/admin/login/",
    "/reset-password/",
    "/invitation/",
    "/api/v1/docs/",
    "/api/v1/redoc/",
    "/swagger/",
    "/redoc/",
    "/api/docs/",
    "/store/docs/",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_no_page_lets_scripts_stand_in_the_page(client, path):
    answer = client.get(path)

    policy = answer["Content-Security-Policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert answer.status_code == 200
    assert "'unsafe-inline'" not in (scripts[1] if scripts else re.search(r"default-src ([^;]*)", policy)[1])
    for script in re.findall(r"<script\b([^>]*)>", answer.content.decode()):
        assert "src=" in script or 'type="application/json"' in script
    assert re.findall(r"\son[a-z]+=\"", answer.content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_pages_load_nothing_from_elsewhere(client, path):
    html = client.get(path).content.decode()

    assert re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"https?://", html) == []


def test_only_the_admin_may_evaluate(client, db):
    assert "'unsafe-eval'" in client.get("/admin/login/")["Content-Security-Policy"]
    assert "'unsafe-eval'" not in client.get("/api/v1/docs/")["Content-Security-Policy"]


def test_the_servers_are_new_enough(db):
    from django.core.checks import Tags, run_checks

    assert [
        each
        for each in run_checks(tags=[Tags.database], databases=["default"])
        if each.id.startswith("karvon")
    ] == []
