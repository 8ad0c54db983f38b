"""Refusals in the caller's language."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import gettext, override

from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.errors import CODES

pytestmark = pytest.mark.django_db

LANGUAGES = ("uz", "ru", "ar")
USERS, LOGIN = "/api/v1/auth/users/", "/api/v1/auth/jwt/create/"


def ask(language: str, method: str, path: str, body: Any = None, **extra: Any) -> Any:
    client = make_client(extra.pop("user", None))
    return getattr(client, method)(path, body, format="json", HTTP_ACCEPT_LANGUAGE=language, **extra)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("uz", "Topilmadi."),
        ("ru", "Не найдено."),
        ("ar", "غير موجود."),
        ("en", "Not found."),
        ("de", "Not found."),
        ("de, ar;q=0.5", "غير موجود."),
    ],
)
def test_a_page_that_is_not_there(language, sentence):
    assert ask(language, "get", "/api/v1/nowhere/").json()["error"] == sentence


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("uz", "Bunday mahsulot yo‘q."), ("ru", "Такого товара нет."), ("ar", "لا يوجد منتج كهذا.")],
)
def test_a_product_that_is_not_there_on_the_fast_road(language, sentence):
    assert ask(language, "get", "/api/v1/products/999999/").json()["error"] == sentence


@pytest.mark.parametrize(
    ("language", "error", "email", "password"),
    [
        (
            "uz",
            "Ayrim maydonlar noto‘g‘ri to‘ldirilgan.",
            "To‘g‘ri email manzilini kiriting.",
            "Parol juda qisqa. Unda kamida 8 ta belgi bo‘lishi kerak.",
        ),
        (
            "ru",
            "Некоторые поля заполнены неверно.",
            "Введите правильный адрес эл. почты.",
            "Пароль слишком короткий. Нужно хотя бы 8 символов.",
        ),
        (
            "ar",
            "بعض الحقول غير صحيحة.",
            "أدخل عنوان بريد إلكتروني صحيحًا.",
            "كلمة المرور قصيرة جدًا. يجب ألا تقل عن 8 أحرف.",
        ),
    ],
)
def test_fields_that_are_not_right(language, error, email, password):
    bad_address = ask(language, "post", USERS, {"email": "none", "password": "right-horse-battery-9"}).json()
    assert bad_address["error"] == error
    assert bad_address["details"]["email"] == [email]

    short = ask(language, "post", USERS, {"email": "a@example.com", "password": "xY7-k"}).json()
    assert password in short["details"]["password"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("method", "path", "body", "extra", "status"),
    [
        ("post", LOGIN, {}, {}, 400),
        ("post", LOGIN, {"username": "a", "password": "wrong-horse"}, {}, 401),
        ("post", LOGIN, [], {}, 400),
        ("get", "/api/v1/auth/users/me/", None, {}, 401),
        ("get", "/api/v1/auth/users/me/", None, {"HTTP_AUTHORIZATION": "Bearer x"}, 401),
        ("post", "/api/v1/categories/", {"name": "x"}, {"user": True}, 403),
        ("get", "/api/v1/orders/999999/", None, {"user": True}, 404),
        ("get", "/api/v1/products/?page=x", None, {}, 400),
        ("get", "/api/v1/reviews/?page=x", None, {}, 400),
        ("get", "/api/v1/reviews/?page=999", None, {}, 404),
        ("put", LOGIN, {}, {}, 405),
        ("post", LOGIN, None, {"CONTENT_LENGTH": "999999999999"}, 413),
        ("post", "/api/v1/cart/coupon/", {"code": "NOPE"}, {}, 0),
        ("post", "/api/v1/cart/add/", {"product_id": 999999, "quantity": 1}, {}, 0),
    ],
)
def test_no_refusal_falls_back_to_english(language, method, path, body, extra, status):
    def said(spoken: str) -> tuple[int, list[str]]:
        given = extra | ({"user": make_user()} if "user" in extra else {})
        answer = ask(spoken, method, path, body, **given)
        refusal = answer.json()
        return answer.status_code, [
            refusal["error"],
            *(text for each in refusal["details"].values() for text in each),
        ]

    answered, foreign = said(language)
    _same, english = said("en")

    assert answered == status or (status == 0 and answered in CODES.keys() | {409})
    assert len(foreign) == len(english)
    assert not set(foreign) & set(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_media_type(language):
    answer = make_client().post(LOGIN, "x", content_type="text/xml", HTTP_ACCEPT_LANGUAGE=language)

    with override(language):
        wanted = gettext('Unsupported media type "{media_type}" in request.').format(media_type="text/xml")
    assert answer.json()["error"] == wanted
    assert "Unsupported" not in wanted


@pytest.mark.parametrize(
    ("language", "content_type", "body"),
    [
        ("ru", "application/json", b"{"),
        ("ar", "multipart/form-data", b"no boundary"),
        ("uz", "multipart/form-data; boundary=x", b"--y\r\n"),
    ],
)
def test_bodies_that_cannot_be_read(language, content_type, body):
    client = make_client()
    answers = [
        client.generic("POST", LOGIN, body, content_type=content_type, HTTP_ACCEPT_LANGUAGE=each)
        for each in (language, "en")
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json()["error"] != answers[1].json()["error"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_over_the_limit_and_out_of_order(language, settings):
    settings.KARVON_THROTTLES = {"login": "1/day"}
    for _ in range(2):
        answer = ask(language, "post", LOGIN, {"username": "a", "password": "b"})

    with override(language):
        assert answer.json()["error"] == gettext("Too many requests. Please wait a little.")
    assert "Too many" not in answer.json()["error"]


def test_a_request_without_a_wish_gets_the_language_of_the_shop(settings):
    settings.LANGUAGE_CODE = "uz"

    client = make_client()
    assert client.get("/api/v1/nowhere/").json()["error"] == "Topilmadi."
    assert client.get("/api/v1/products/999999/").json()["error"] == "Bunday mahsulot yo‘q."
    assert client.get("/api/v1/nowhere/", HTTP_ACCEPT_LANGUAGE="en").json()["error"] == "Not found."
