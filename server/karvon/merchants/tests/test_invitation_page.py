"""The page behind an invitation's link: what it shows, and what it keeps to itself."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from karvon.accounts.models import User
from karvon.accounts.tests.factories import make_client, make_user
from karvon.merchants.models import InvitationState, MerchantStaff, StaffInvitation
from karvon.merchants.services import invite_staff, make_invitation_link
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db
BACKEND = "karvon.accounts.backends.PasswordBackend"
PASSWORD = "a long passphrase of one's own"


def make_link(email: str = "cook@example.com") -> tuple[str, str]:
    """The address in the mail up to "#", and the secret behind it."""
    row = invite_staff(actor=None, merchant_id=make_merchant().pk, email=email, role="cook")
    page, _hash, secret = (make_invitation_link(row.pk) or "").partition("#")
    return page, secret


def test_the_mail_leads_to_a_page_that_is_there(client):
    page, secret = make_link()

    answer = client.get(urlsplit(page).path)

    html = answer.content.decode()
    assert (answer.status_code, bool(secret), urlsplit(page).query) == (200, True, "")
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    for verb in ("show", "accept", "register"):
        assert f'data-{verb}="/api/v1/invitations/{verb}/"' in html
    for asset in re.findall(r'(?:src|href)="/static/([^"]+)"', html):
        assert finders.find(asset), asset
    assert client.post(urlsplit(page).path).status_code in (403, 405)


@pytest.mark.parametrize(
    ("language", "direction", "role"),
    [("en", "ltr", "Cook"), ("uz", "ltr", "Oshpaz"), ("ru", "ltr", "Повар"), ("ar", "rtl", "طاهٍ")],
)
def test_it_speaks_the_readers_language(client, language, direction, role):
    html = client.get("/invitation", HTTP_ACCEPT_LANGUAGE=language).content.decode()

    assert f'<html lang="{language}" dir="{direction}">' in html
    assert re.search(r'data-role="cook" hidden>([^<]+)<', html)[1] == role
    assert ("You are invited" in html) is (language == "en")


def test_no_other_host_gets_into_page_or_link(client, settings):
    settings.ALLOWED_HOSTS = ["shop.example"]
    page, _secret = make_link()

    answer = client.get("/invitation/", HTTP_HOST="evil.example")

    assert answer.status_code == 400
    assert page.startswith(settings.KARVON_PUBLIC_URL)
    good = client.get("/invitation/", HTTP_HOST="shop.example", HTTP_X_FORWARDED_HOST="evil.example")
    assert (good.status_code, b"evil" in good.content) == (200, False)


def test_a_cookie_accepts_nothing():
    """Another site may make a browser send its cookies, never a header with a token: that is what accepting asks for."""
    _page, secret = make_link()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_user(), backend=BACKEND)

    answer = browser.post(
        "/api/v1/invitations/accept/", {"token": secret}, content_type="application/json",
        HTTP_ORIGIN="https://evil.example",
    )  # fmt: skip

    assert answer.status_code == 401
    assert not MerchantStaff.objects.exists()
    assert StaffInvitation.objects.get().state == InvitationState.PENDING


def test_guesses_are_counted(settings):
    settings.KARVON_THROTTLES = settings.KARVON_THROTTLES | {"login": "2/h", "registration": "1/h"}
    api = make_client()

    shown = [api.post("/api/v1/invitations/show/", {"token": f"guess-{n}"}, format="json") for n in range(3)]
    body = {"token": "guess", "password": PASSWORD}
    registered = [api.post("/api/v1/invitations/register/", body, format="json") for _ in range(2)]

    assert [answer.status_code for answer in shown] == [404, 404, 429]
    assert [answer.status_code for answer in registered] == [404, 429]
    assert shown[-1]["Retry-After"]
    assert not User.objects.exists()


def test_no_log_has_the_key(client, caplog):
    _page, secret = make_link()
    caplog.set_level(logging.DEBUG)
    api = make_client()

    for body in ({"token": secret}, {"token": secret + "x"}, {"token": [secret]}, {"other": secret}):
        api.post("/api/v1/invitations/show/", body, format="json")
    api.post("/api/v1/invitations/show/", f'{{"token": "{secret}"', content_type="application/json")
    api.post("/api/v1/invitations/register/", {"token": secret, "password": "short"}, format="json")

    said = caplog.text + " ".join(str(vars(record)) for record in caplog.records)
    assert secret not in said
