"""A mail that says nothing but that mail works."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import get_connection

from karvon.kernel import clock
from karvon.notifications.delivery import Outcome, hand_to_server
from karvon.notifications.models import Mail
from karvon.notifications.rendering import render_mail

TEMPLATE = "test_mail"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mail, and which way it was sent."""

    was_taken: bool
    way: str
    outcome: str
    error: str


def send_test_mail(address: str, *, language: str) -> Trial:
    """Hand one over, at once, as all mails are: the same backend, sender, headers and layout; no row is left. Raises nothing."""
    now = clock.now()
    mail = render_mail(
        TEMPLATE,
        language=language,
        context={"shop": settings.KARVON_SHOP_NAME, "moment": f"{now:%Y-%m-%d %H:%M:%S} UTC"},
    )
    delivery = hand_to_server(
        Mail(
            pk=f"test.{now:%Y%m%d%H%M%S%f}",
            recipient=address,
            language=mail.language,
            subject=mail.subject,
            text_body=mail.text,
            html_body=mail.html,
        )
    )
    return Trial(delivery.outcome == Outcome.TAKEN, _way(), delivery.outcome.value, delivery.error)


def _way() -> str:
    """Where the configured backend takes mails, in words."""
    name = settings.EMAIL_BACKEND.split(".")[-2]
    if name == "smtp":
        encryption = "STARTTLS" if settings.EMAIL_USE_TLS else "no encryption"
        return f"the mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} ({encryption})"
    if name == "filebased":
        return f"a file in {settings.EMAIL_FILE_PATH}"
    return f"{type(get_connection()).__module__}"
