"""A lost password: asking for a link, the mail, and setting a new one by it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
import time_machine
from django.core import mail as outgoing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.events import PasswordResetRequested
from karvon.accounts.models import LoginFailures, RefreshFamily, User
from karvon.accounts.services import issue_tokens, make_reset_link
from karvon.accounts.tests.factories import PASSWORD, make_client, make_user
from karvon.kernel import clock, throttling
from karvon.kernel.models import OutboxEvent
from karvon.notifications.handlers import send_password_reset_email
from karvon.notifications.models import Mail, MailState
from karvon.notifications.services import send_mail

pytestmark = pytest.mark.django_db

ASK = "/api/v1/auth/users/reset_password/"
CONFIRM = "/api/v1/auth/users/reset_password_confirm/"
NEW = "left-mule-capacitor-7"
LINK = re.compile(r"https?://\S+/reset-password#([0-9a-z]+)/([0-9a-z]+-[0-9a-f]+)")


def ask(email: str, **headers: str):
    return make_client().post(ASK, {"email": email}, format="json", **headers)


def confirm(uid: str, token: str, password: str = NEW):
    return make_client().post(CONFIRM, {"uid": uid, "token": token, "new_password": password}, format="json")


def handle(email: str) -> Mail | None:
    """What the worker does with a request: the mail it leaves, or none."""
    send_password_reset_email(PasswordResetRequested(email=email), event_id=uuid4())
    return Mail.objects.order_by("-pk").first()


def key_of(user: User) -> tuple[str, str]:
    found = LINK.fullmatch(make_reset_link(user))
    assert found is not None
    return found[1], found[2]


def test_a_link_by_mail_sets_a_new_password(django_capture_on_commit_callbacks):
    user = make_user(email="aziza@example.com", first_name="Aziza", language="en")

    assert ask("Aziza@Example.com").status_code == 202
    (event,) = OutboxEvent.objects.filter(type="accounts.password_reset_requested")
    mail = handle(event.payload["email"])
    assert send_mail(mail_id=mail.pk) == MailState.SENT
    (sent,) = outgoing.outbox
    answer = confirm(*LINK.search(sent.body).groups())

    assert answer.status_code == 204
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert user.is_email_verified
    assert sent.to == ["aziza@example.com"]
    assert "Hello Aziza" in sent.body
    assert "60 minutes" in sent.body
    assert LINK.search(sent.body)[0] in sent.alternatives[0].content


def test_the_key_is_stored_nowhere():
    make_user(email="aziza@example.com")

    mail = handle("aziza@example.com")
    send_mail(mail_id=mail.pk)

    mail.refresh_from_db()
    assert LINK.search(outgoing.outbox[0].body)
    assert not LINK.search(mail.text_body + mail.html_body)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("uz", "Karvon uchun yangi parol"),
        ("ru", "Новый пароль для Karvon"),
        ("en", "A new password for Karvon"),
        ("ar", "كلمة مرور جديدة لـ Karvon"),
    ],
)
def test_the_mail_is_in_the_persons_language(language, subject):
    make_user(email="aziza@example.com", language=language)

    mail = handle("aziza@example.com")

    assert mail.subject == subject
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in mail.html_body


def test_known_and_unknown_are_answered_alike_after_the_same_work():
    make_user(email="aziza@example.com")

    seen = []
    for email in ("aziza@example.com", "nobody@example.com"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = ask(email)
        seen.append((answer.status_code, answer.json(), [each["sql"].split(" ")[0:3] for each in queries]))

    assert seen[0] == seen[1]
    assert not any("accounts_user" in each["sql"] for each in queries)


def test_nobody_and_closed_accounts_get_no_mail():
    make_user(email="closed@example.com", is_active=False)

    assert handle("nobody@example.com") is None
    assert handle("closed@example.com") is None


def test_one_mail_a_minute():
    make_user(email="aziza@example.com")

    handle("aziza@example.com")
    handle("aziza@example.com")
    assert Mail.objects.count() == 1

    Mail.objects.update(created_at=clock.now() - timedelta(seconds=61))
    handle("aziza@example.com")
    assert Mail.objects.count() == 2


def test_a_mail_to_an_account_that_was_closed_meanwhile_is_not_sent():
    user = make_user(email="aziza@example.com")
    mail = handle("aziza@example.com")
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert send_mail(mail_id=mail.pk) == MailState.FAILED
    assert outgoing.outbox == []


def test_the_host_header_has_no_part_in_the_link(settings):
    settings.ALLOWED_HOSTS = ["*"]
    make_user(email="aziza@example.com")

    ask("aziza@example.com", HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")
    mail = handle(OutboxEvent.objects.get().payload["email"])
    send_mail(mail_id=mail.pk)

    body = outgoing.outbox[0].body + outgoing.outbox[0].alternatives[0].content
    assert "evil.example" not in body
    assert f"{settings.KARVON_PUBLIC_URL}/reset-password#" in body


def test_the_link_leads_where_the_setting_says(settings):
    settings.KARVON_PASSWORD_RESET_URL = "https://app.example/new-password?u={uid}#k={token}"
    user = make_user()

    assert re.fullmatch(r"https://app\.example/new-password\?u=\w+#k=[\w-]+", make_reset_link(user))


def test_a_link_works_once():
    user = make_user()
    key = key_of(user)

    assert confirm(*key).status_code == 204
    again = confirm(*key, password="another-fine-mule-8")

    assert (again.status_code, again.json()["code"]) == (400, "reset_link_invalid")
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.parametrize(("minutes", "status"), [(59, 204), (61, 400)])
def test_a_link_works_for_an_hour(minutes, status):
    key = key_of(make_user())

    with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
        assert confirm(*key).status_code == status


def test_links_to_an_old_address_or_of_a_closed_account_are_dead():
    moved, closed = make_user(), make_user()
    keys = [key_of(moved), key_of(closed)]
    User.objects.filter(pk=moved.pk).update(email="new@example.com")
    User.objects.filter(pk=closed.pk).update(is_active=False)

    assert [confirm(*key).status_code for key in keys] == [400, 400]


@pytest.mark.parametrize("uid", ["0", "zzzzzzzzzzzzz", "-1", "ü", "1 or 1", "a" * 32, "1y2p0ij32e8e8"])
def test_a_forged_link_is_refused(uid):
    answer = confirm(uid, key_of(make_user())[1])

    assert (answer.status_code, answer.json()["code"]) == (400, "reset_link_invalid")


def test_anothers_link_opens_no_account():
    mine, other = make_user(), make_user()

    assert confirm(key_of(other)[0], key_of(mine)[1]).status_code == 400
    other.refresh_from_db()
    assert other.check_password(PASSWORD)


def test_a_weak_password_is_refused_and_the_link_stays_good():
    user = make_user(username="samarkand", email="samarkand@example.com")
    key = key_of(user)

    for weak in ("short", "12345678901", "samarkand1"):
        answer = confirm(*key, password=weak)
        assert answer.status_code == 400
        assert answer.json()["details"]["new_password"]
    assert confirm(*key).status_code == 204


def test_old_tokens_and_sessions_die(client):
    user = make_user()
    user.role = "admin"
    user.save()
    client.force_login(user)
    pair = issue_tokens(user=user)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {pair.access}"}
    assert client.get("/admin/").status_code == 200

    confirm(*key_of(user))

    assert make_client().get("/api/v1/auth/users/me/", **bearer).status_code == 401
    refreshed = make_client().post("/api/v1/auth/jwt/refresh/", {"refresh": pair.refresh}, format="json")
    assert refreshed.status_code == 401
    assert client.get("/admin/").status_code == 302
    assert RefreshFamily.objects.filter(revoked_at=None).count() == 0


def test_who_was_locked_out_may_log_in(settings):
    settings.LOGIN_FAILURES_PER_ACCOUNT = 2
    user = make_user(email="aziza@example.com", username="aziza", phone="+998901234567")
    client = make_client()
    for name in ("aziza@example.com", "aziza", "90 123 45 67"):
        for _ in range(3):
            client.post("/api/v1/auth/jwt/create/", {"email": name, "password": "wrong"}, format="json")
    assert LoginFailures.objects.filter(locked_until__isnull=False).count() == 3

    confirm(*key_of(user))

    for name in ("aziza@example.com", "aziza", "+998901234567"):
        body = {"email": name, "password": NEW}
        assert client.post("/api/v1/auth/jwt/create/", body, format="json").status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"email": ""}, {"email": "no address"}, {"email": 7}, [], {"email": "a\x00@b.uz"}]
)
def test_what_is_no_address_is_a_400(body):
    assert make_client().post(ASK, body, format="json").status_code == 400
    assert not OutboxEvent.objects.exists()


def test_requests_are_counted(settings):
    settings.KARVON_THROTTLES = settings.KARVON_THROTTLES | {"password_reset": "2/h"}

    answers = [ask(f"person{number}@example.com") for number in range(3)]

    assert [each.status_code for each in answers] == [202, 202, 429]
    assert answers[-1]["Retry-After"]


def test_without_redis_nobody_asks(settings, monkeypatch):
    settings.KARVON_THROTTLES = settings.KARVON_THROTTLES | {"password_reset": "2/h"}

    def gone():
        raise redis.ConnectionError

    monkeypatch.setattr(throttling, "get_redis", gone)

    assert ask("aziza@example.com").status_code == 503
    assert not OutboxEvent.objects.exists()


def test_the_page_behind_the_link_sends_its_key_to_nobody(client):
    answer = client.get("/reset-password", HTTP_ACCEPT_LANGUAGE="ar")

    html = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert '<html lang="ar" dir="rtl">' in html
    assert f'action="{CONFIRM}"' in html
    assert client.post("/reset-password").status_code in (403, 405)
