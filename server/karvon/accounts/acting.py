"""Who is named in the audit log: the people of the back office, whichever way they came in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from karvon.accounts.models import BACK_OFFICE_ROLES, User
from karvon.kernel.acting import Actor, name_actor


def actor_of(user: User, *, role: str = "") -> Actor | None:
    """The person as the audit log names them; None for customers, whose writes are their own business. `role`: in which
    they act, when it is not the one they have.
    """
    role = role or user.role
    return Actor(id=user.pk, label=label_of(user), role=role) if role in BACK_OFFICE_ROLES else None


def label_of(user: User) -> str:
    """A name that stays readable when the account is gone, and is neither a mail address nor a phone number."""
    return user.username or user.full_name or f"#{user.pk}"


class ActorMiddleware:
    """In the browser's sections: writes of a session's pages are those of the person who is logged in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            name_actor(actor_of(request.user))
        return self.get_response(request)
