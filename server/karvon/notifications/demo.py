"""The demo's letter box: mails that the file backend wrote, to look at in a browser. Never in production."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

MOST_SHOWN = 200
FILE_NAME = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)
# what Django's file backend writes after each mail
SEPARATOR = b"-" * 79


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail in the letter box; `file` and `index` say where it lies."""

    file: str
    index: int
    subject: str
    recipient: str
    sender: str
    at: datetime | None
    text: str
    html: str


def only_in_the_demo(view: View[P]) -> View[P]:
    """Elsewhere these pages do not exist: they show everybody's mail to anybody."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.KARVON_DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@only_in_the_demo
def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest mails."""
    mails = list_mails()
    return render(
        request, "notifications/demo/list.html", {"mails": mails, "folder": settings.EMAIL_FILE_PATH}
    )


@require_GET
@only_in_the_demo
def mail_detail(request: HttpRequest, file: str, index: int) -> HttpResponse:
    """One mail: its text here, its HTML in a frame of its own."""
    return render(request, "notifications/demo/detail.html", {"mail": get_mail(file, index)})


@require_GET
@only_in_the_demo
@xframe_options_sameorigin
@csp_replace(
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'none'"],
        "base-uri": ["'none'"],
        "sandbox": ["allow-popups"],
    }
)
def mail_html(request: HttpRequest, file: str, index: int) -> HttpResponse:
    """The HTML body as a mail program would show it: no scripts, no forms."""
    return HttpResponse(get_mail(file, index).html)


def list_mails() -> list[ShownMail]:
    """What lies in the folder, the newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    mails: list[ShownMail] = []
    for path in sorted(folder.glob("*.log"), reverse=True):
        mails += reversed(list(_read(path)))
        if len(mails) >= MOST_SHOWN:
            break
    return mails[:MOST_SHOWN]


def get_mail(file: str, index: int) -> ShownMail:
    """One of them. Raises Http404."""
    path = Path(settings.EMAIL_FILE_PATH) / f"{file}.log"
    if not FILE_NAME.fullmatch(file) or not path.is_file():
        raise Http404
    for mail in _read(path):
        if mail.index == index:
            return mail
    raise Http404


def _read(path: Path) -> Iterator[ShownMail]:
    for index, raw in enumerate(path.read_bytes().split(SEPARATOR + b"\n")):
        if raw.strip():
            yield _show(path.stem, index, message_from_bytes(raw.lstrip(), policy=default))


def _show(file: str, index: int, message: EmailMessage) -> ShownMail:
    return ShownMail(
        file=file,
        index=index,
        subject=str(message["subject"] or ""),
        recipient=str(message["to"] or ""),
        sender=str(message["from"] or ""),
        at=_time(message),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _time(message: EmailMessage) -> datetime | None:
    try:
        return timezone.localtime(parsedate_to_datetime(str(message["date"])))
    except ValueError:
        return None


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
