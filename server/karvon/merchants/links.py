"""Where else a shop is found: one safe spelling of each address, and the link that opens a chat with it.

Nothing of what was typed survives but a number or a name of letters, digits and a few marks, so the result can stand
in an href as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

import phonenumbers
from django.utils.translation import gettext as _

from karvon.accounts.names import normalise_phone, refuse
from karvon.kernel.errors import ValidationFailed

LONGEST_TYPED = 300
# browsers and chat programs cut longer addresses off
LONGEST_TEXT = 1500
WHATSAPP_HOSTS = frozenset({"wa.me", "www.wa.me", "whatsapp.com", "www.whatsapp.com", "api.whatsapp.com"})
INSTAGRAM_HOSTS = frozenset({"instagram.com", "www.instagram.com", "m.instagram.com", "instagr.am"})
FACEBOOK_HOSTS = frozenset(
    {
        "facebook.com",
        "www.facebook.com",
        "m.facebook.com",
        "web.facebook.com",
        "fb.com",
        "www.fb.com",
        "fb.me",
    }
)
_INSTAGRAM_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])?", re.ASCII)
_FACEBOOK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{1,98}[A-Za-z0-9]", re.ASCII)
_TYPED_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{5,28}", re.ASCII)
_NUMBER = re.compile(r"\d{1,24}", re.ASCII)
# pages of the networks themselves, not of a shop
_RESERVED = frozenset({"p", "reel", "stories", "explore", "sharer", "sharer.php", "login", "groups", "l.php"})


def normalise_whatsapp(raw: str) -> str:
    """`https://wa.me/<digits>` from a number or a WhatsApp address. Raises ValidationFailed."""
    text = _clean(raw)
    address = _split(text, WHATSAPP_HOSTS)
    if address is not None:
        path = address.path.strip("/")
        given = parse_qs(address.query).get("phone", [""])[0] if path in ("", "send") else path
        text = "+" + given.strip().lstrip("+")
    try:
        # numbers are found inside of other text too: there must be none
        number = normalise_phone(text) if _TYPED_NUMBER.fullmatch(text) else ""
    except ValidationFailed:
        number = ""
    if not number:
        raise refuse("whatsapp_link", _("Give the number or the wa.me address of a WhatsApp account."))
    return f"https://wa.me/{number.lstrip('+')}"


def normalise_instagram(raw: str) -> str:
    """`https://www.instagram.com/<name>/` from a name or an address. Raises ValidationFailed."""
    text = _clean(raw)
    address = _split(text, INSTAGRAM_HOSTS)
    name = text.removeprefix("@") if address is None else address.path.strip("/").removeprefix("@")
    if not _INSTAGRAM_NAME.fullmatch(name) or ".." in name or name.lower() in _RESERVED:
        raise refuse("instagram_link", _("Give the name or the address of an Instagram page."))
    return f"https://www.instagram.com/{name.lower()}/"


def normalise_facebook(raw: str) -> str:
    """`https://www.facebook.com/<name>` from a name or an address. Raises ValidationFailed."""
    text = _clean(raw)
    address = _split(text, FACEBOOK_HOSTS)
    name = text.removeprefix("@") if address is None else address.path.strip("/")
    if address is not None and name == "profile.php":
        number = parse_qs(address.query).get("id", [""])[0]
        if _NUMBER.fullmatch(number):
            return f"https://www.facebook.com/profile.php?id={number}"
    if not _FACEBOOK_NAME.fullmatch(name) or ".." in name or name.lower() in _RESERVED:
        raise refuse("facebook_link", _("Give the name or the address of a Facebook page."))
    return f"https://www.facebook.com/{name}"


NORMALISERS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "whatsapp_link": normalise_whatsapp,
        "instagram_link": normalise_instagram,
        "facebook_link": normalise_facebook,
    }
)


def whatsapp_chat_url(number: str, text: str) -> str:
    """Opens a chat with `text` filled in. `number` is a `whatsapp_link` or an E.164 phone; "" where there is none."""
    digits = number.removeprefix("https://wa.me/").lstrip("+")
    if not _NUMBER.fullmatch(digits) or not phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}")):
        return ""
    return f"https://wa.me/{digits}?text={quote(text[:LONGEST_TEXT], safe='')}"


def _clean(raw: str) -> str:
    return unicodedata.normalize("NFKC", raw).strip()[:LONGEST_TYPED]


def _split(text: str, hosts: frozenset[str]) -> SplitResult | None:
    """The address in `text`, where it is one on one of these hosts; a bare host counts too."""
    for candidate in (text, f"https://{text}"):
        try:
            address = urlsplit(candidate)
            host, port = (address.hostname or "").lower(), address.port
        except ValueError:
            return None
        is_plain = address.username is None and address.password is None and port in (None, 80, 443)
        if address.scheme in ("http", "https") and host in hosts and is_plain:
            return address
    return None
