"""Spelling of usernames, emails and phones."""

import pytest

from karvon.accounts.names import (
    NameKind,
    normalise_email,
    normalise_phone,
    normalise_username,
    read_login_name,
)
from karvon.kernel.errors import ValidationFailed


@pytest.mark.parametrize("raw", ["a", "Aziza", "aziza.k-1_x", "a" * 64])
def test_usernames_of_latin_letters_stay_as_typed(raw):
    assert normalise_username(raw) == raw


def test_compatible_forms_of_latin_letters_become_plain_ones():
    assert normalise_username("ａｄｍｉｎ") == "admin"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "аdmin",
        "admіn",
        "ad min",
        "a@b",
        "me\u200b",
        "12345",
        "-a",
        "a.",
        "a" * 65,
        "a\nb",
        "ʼa",
        "ı",
    ],
)
def test_other_alphabets_look_alikes_and_ids_are_refused(raw):
    with pytest.raises(ValidationFailed) as refused:
        normalise_username(raw)

    assert list(refused.value.details) == ["username"]


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (" Aziza@Example.COM ", "aziza@example.com"),
        ("a@ｅxample.com", "a@example.com"),
        ("a@почта.рф", "a@xn--80a1acny.xn--p1ai"),
    ],
)
def test_emails_are_stored_in_one_spelling(raw, stored):
    assert normalise_email(raw) == stored


@pytest.mark.parametrize(
    "raw", ["", "a", "a@", "@b.c", "a b@c.uz", "а@example.com", "a@b@c", "a@" + "b" * 260]
)
def test_what_is_no_email_is_refused(raw):
    with pytest.raises(ValidationFailed):
        normalise_email(raw)


@pytest.mark.parametrize("raw", ["+998 90 123-45-67", "998901234567", "90 123 45 67", "+998901234567"])
def test_phones_are_stored_as_e164(raw):
    assert normalise_phone(raw) == "+998901234567"


@pytest.mark.parametrize("raw", ["", "12", "+999999999999999", "phone", "+998 00 000 00 00"])
def test_what_is_no_phone_is_refused(raw):
    with pytest.raises(ValidationFailed):
        normalise_phone(raw)


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ("A@B.UZ", NameKind.EMAIL, "a@b.uz"),
        ("+998901234567", NameKind.PHONE, "+998901234567"),
        ("Aziza", NameKind.USERNAME, "aziza"),
        ("no@", NameKind.USERNAME, "no@"),
        ("123", NameKind.USERNAME, "123"),
    ],
)
def test_login_names_tell_their_kind(raw, kind, value):
    name = read_login_name(raw)

    assert (name.kind, name.value) == (kind, value)
