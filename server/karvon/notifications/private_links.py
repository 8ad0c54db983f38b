"""Links that open an account: made when the mail is handed over, so that no table, list or copy of ours holds one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from django.utils.html import escape

from karvon.accounts.services import make_reset_link
from karvon.merchants.services import make_invitation_link
from karvon.notifications.models import MailKind

if TYPE_CHECKING:
    from karvon.notifications.models import Mail

# stands in the stored bodies where the link will be
PLACEHOLDER: Final = "private-link-made-when-sent"


def bodies_of(mail: Mail) -> tuple[str, str]:
    """Text and HTML as they go out. Raises ValueError when there is nobody (any more) to whom a link may be sent.

    Reads what `mail` and its `user` hold, and the invitation that it is about.
    """
    make_link = MAKERS.get(mail.kind)
    if make_link is None:
        return mail.text_body, mail.html_body
    link = make_link(mail)
    return mail.text_body.replace(PLACEHOLDER, link), mail.html_body.replace(PLACEHOLDER, escape(link))


def _make_reset_link(mail: Mail) -> str:
    user = mail.user
    if user is None or not user.is_active or user.email != mail.recipient:
        raise ValueError("the account behind this mail is closed or has another address")
    return make_reset_link(user)


def _make_invitation_link(mail: Mail) -> str:
    link = make_invitation_link(mail.about_id or 0)
    if link is None:
        raise ValueError("the invitation behind this mail is closed, or a newer mail has replaced this one")
    return link


MAKERS: Final[Mapping[str, Callable[[Mail], str]]] = MappingProxyType(
    {MailKind.PASSWORD_RESET: _make_reset_link, MailKind.STAFF_INVITATION: _make_invitation_link}
)
