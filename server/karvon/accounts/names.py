"""The names people log in with: one spelling of each is stored, so that two can be compared.

Usernames are ASCII on purpose: after NFKC nothing is left that merely looks like another letter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

from karvon.kernel.errors import ValidationFailed

USERNAME_PATTERN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?", re.ASCII)
EMAIL_MAX_LENGTH = 254
LONGEST_NAME = 150  # of a first and of a last name


class NameKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    USERNAME = "username"


@dataclass(frozen=True)
class LoginName:
    """What was typed into the login form, and which column it is looked up in."""

    kind: NameKind
    value: str


def refuse(field: str, message: str) -> ValidationFailed:
    """The error for one bad field."""
    return ValidationFailed(details={field: [message]})


def refuse_all(field: str, messages: list[str]) -> ValidationFailed:
    """The error for one field with several faults."""
    return ValidationFailed(details={field: messages})


def normalise_username(raw: str) -> str:
    """NFKC, as typed otherwise. Raises ValidationFailed outside of ASCII letters, digits and `. _ -`."""
    username = unicodedata.normalize("NFKC", raw).strip()
    if not USERNAME_PATTERN.fullmatch(username):
        raise refuse("username", _("Use 1 to 64 Latin letters, digits, dots, dashes and underscores."))
    # digits alone would be a phone number or somebody's id
    if not any(character.isalpha() for character in username):
        raise refuse("username", _("A username needs at least one letter."))
    return username


def normalise_email(raw: str) -> str:
    """Lower case, the domain in ASCII (punycode). Raises ValidationFailed if it is no address."""
    text = unicodedata.normalize("NFKC", raw).strip()
    local, _at, domain = text.rpartition("@")
    try:
        email = f"{local}@{punycode(domain)}".lower()
        validate_email(email)
    except (ValidationError, UnicodeError):
        email = ""
    if not email or not email.isascii() or len(email) > EMAIL_MAX_LENGTH:
        raise refuse("email", _("Enter a valid email address."))
    return email


def normalise_phone(raw: str, *, field: str = "phone") -> str:
    """E.164 ("+998901234567"); a national number is read as of the shop's country."""
    try:
        number = phonenumbers.parse(raw.strip(), settings.PHONE_REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise refuse(field, _("Enter a valid phone number with its country code."))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def split_full_name(full_name: str) -> dict[str, str]:
    """ "Aziza  Karimova" → {"first_name": "Aziza", "last_name": "Karimova"}: the first word, and all others.

    Raises ValidationFailed for words longer than the columns.
    """
    first, _space, last = " ".join(full_name.split()).partition(" ")
    if max(len(first), len(last)) > LONGEST_NAME:
        raise refuse("full_name", _("This name is too long."))
    return {"first_name": first, "last_name": last}


def read_login_name(raw: str) -> LoginName:
    """Tells an email, a phone and a username apart. Never fails: what is none of them just fits nobody."""
    text = unicodedata.normalize("NFKC", raw).strip()
    try:
        if "@" in text:
            return LoginName(NameKind.EMAIL, normalise_email(text))
        if not any(character.isalpha() for character in text):
            return LoginName(NameKind.PHONE, normalise_phone(text))
    except ValidationFailed:
        pass
    return LoginName(NameKind.USERNAME, text.lower())
