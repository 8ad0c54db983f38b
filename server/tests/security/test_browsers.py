"""What browsers are told, and what they cannot be made to do."""

from __future__ import annotations

import importlib
import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import Resolver404, clear_url_caches, resolve

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import PASSWORD, make_user
from karvon.catalog.tests.factories import make_product
from karvon.orders.tests.factories import make_guest_order

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
PAGES = [
    LOGIN,
    "/api/v1/docs/",
    "/api/v1/redoc/",
    "/api/docs/",
    "/swagger/",
    "/redoc/",
    "/store/docs/",
    "/demo/mail/",
    "/nowhere/",
    "/api/v1/products/",
    "/health/",
]
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "https:evil.example",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_headers_that_bind_browsers(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    if answer["Content-Type"].startswith("text/html"):
        policy = answer["Content-Security-Policy"]
        assert "'unsafe-inline'" not in re.sub(r"style-src[^;]*", "", policy)
        assert "frame-ancestors 'none'" in policy
        assert "object-src 'none'" in policy


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_other_sites_may_not_read_answers(client: Client, origin: str) -> None:
    for answer in (
        client.get("/api/v1/products/", headers={"Origin": origin}),
        client.options(
            "/api/v1/cart/add/",
            headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
        ),
    ):
        assert "Access-Control-Allow-Origin" not in answer


def test_a_named_site_may_and_no_other(client: Client, settings: object) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]  # type: ignore[attr-defined]

    ours = client.get("/api/v1/products/", headers={"Origin": "https://shop.example"})
    theirs = client.get("/api/v1/products/", headers={"Origin": "https://shop.example.evil.example"})

    assert ours["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "origin" in ours["Vary"].lower()
    assert "Access-Control-Allow-Origin" not in theirs


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b"]
)
@pytest.mark.parametrize("path", ["/api/v1/products/?page_size=1", "/api/v1/merchants/", LOGIN])
def test_a_forged_host_appears_in_no_answer(client: Client, path: str, host: str) -> None:
    for _ in range(2):
        make_product()

    answer = client.get(path, headers={"Host": host})

    assert b"evil.example" not in answer.content
    assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_logging_in_leads_to_no_other_site(client: Client, target: str) -> None:
    admin = make_user(role=Role.ADMIN)

    answer = client.post(
        f"{LOGIN}?next={target}", {"username": admin.email, "password": PASSWORD, "next": target}
    )

    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/")


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.COURIER])
def test_the_back_office_is_for_those_who_work_there(client: Client, role: Role) -> None:
    user = make_user(role=role)

    answer = client.post(LOGIN, {"username": user.email, "password": PASSWORD})

    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies
    client.force_login(get_user_model().objects.get(pk=user.pk))
    assert client.get("/admin/").status_code == 302


def test_writing_in_the_back_office_needs_the_token_of_its_page() -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post(LOGIN, {"username": "a", "password": "b"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/media/../../etc/passwd",
        "/media/%2e%2e/%2e%2e/etc/passwd",
        "/media/..%2f..%2fetc%2fpasswd",
        "/media/images/../../private/x",
        "/media/images/00/00/%2e%2e%2fsecret.png",
        "/media//etc/passwd",
        "/static/../../etc/passwd",
        "/static/%2e%2e/manage.py",
    ],
)
def test_no_path_climbs_out_of_the_public_files(client: Client, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


def test_the_demo_s_pages_are_not_there_outside_the_demo(settings: object) -> None:
    import karvon.urls

    settings.KARVON_DEMO = False  # type: ignore[attr-defined]
    try:
        importlib.reload(karvon.urls)
        clear_url_caches()
        with pytest.raises(Resolver404):
            resolve("/demo/mail/")
    finally:
        settings.KARVON_DEMO = True  # type: ignore[attr-defined]
        importlib.reload(karvon.urls)
        clear_url_caches()
    assert resolve("/demo/mail/")


def test_tokens_of_orders_cannot_be_guessed() -> None:
    tokens = {make_guest_order().token for _ in range(5)}

    assert len(tokens) == 5
    assert all(len(token) >= 32 for token in tokens)
    assert len({token[:6] for token in tokens}) == 5


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<p style='background:url(javascript:alert(1))' onclick=alert(1)>x</p>",
        "<<script>script>alert(1)<</script>/script>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_what_merchants_write_cannot_run(client: Client, html: str) -> None:
    product = make_product(description=html)

    shown = client.get(f"/api/v1/products/{product.pk}/").json()["description"]

    assert re.search(r"<(script|iframe|svg|img|style|math|noscript|form)\b", shown, re.IGNORECASE) is None
    assert re.search(r"<[^>]*\b(on\w+|style|srcdoc)\s*=", shown, re.IGNORECASE) is None
    assert re.search(r"href=[\"']?\s*javascript", shown, re.IGNORECASE) is None
