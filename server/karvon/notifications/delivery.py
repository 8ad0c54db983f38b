"""Handing one mail to the mail server, and telling apart what may be tried again from what may not."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError

from karvon.kernel.errors import DependencyDown, LockTimeout
from karvon.notifications.attachments import attachments_of
from karvon.notifications.models import Mail
from karvon.notifications.private_links import bodies_of

logger = logging.getLogger(__name__)


class Outcome(Enum):
    TAKEN = "taken"  # the server has it
    LATER = "later"  # it certainly has not, and may take it later
    REFUSED = "refused"  # it certainly has not, and never will
    UNKNOWN = "unknown"  # the line was lost while it was being handed over


@dataclass(frozen=True, slots=True)
class Delivery:
    outcome: Outcome
    error: str = ""


def hand_to_server(mail: Mail) -> Delivery:
    """Speaks to the mail server once. Raises nothing."""
    try:
        message = _compose(mail)
        connection = get_connection()
        connection.open()
    except ValueError as error:
        # a header that cannot be written, a setting that cannot be right
        return _told(mail, Outcome.REFUSED, error)
    except (OSError, smtplib.SMTPException, DependencyDown, LockTimeout, DatabaseError) as error:
        return _told(mail, Outcome.LATER, error)
    message.connection = connection
    try:
        return _hand_over(mail, message)
    finally:
        _close(connection)


def _hand_over(mail: Mail, message: EmailMultiAlternatives) -> Delivery:
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        is_temporary = any(400 <= code < 500 for code in codes)
        return _told(mail, Outcome.LATER if is_temporary else Outcome.REFUSED, error)
    except smtplib.SMTPResponseException as error:
        # the server answered, so it did not take it; 4xx means "not now"
        is_temporary = 400 <= error.smtp_code < 500
        return _told(mail, Outcome.LATER if is_temporary else Outcome.REFUSED, error)
    except (smtplib.SMTPNotSupportedError, smtplib.SMTPHeloError) as error:
        return _told(mail, Outcome.REFUSED, error)
    except Exception as error:  # noqa: BLE001 - whatever happened here happened while the mail was going out
        return _told(mail, Outcome.UNKNOWN, error)
    return Delivery(Outcome.TAKEN)


def _told(mail: Mail, outcome: Outcome, error: Exception) -> Delivery:
    logger.warning("mail %s: %s (%s)", mail.pk, outcome.value, type(error).__name__)
    return Delivery(outcome, f"{type(error).__name__}: {error}")


def _compose(mail: Mail) -> EmailMultiAlternatives:
    text, html = bodies_of(mail)
    host = urlsplit(settings.KARVON_PUBLIC_URL).hostname or "localhost"
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.recipient],
        headers={
            # the same for each attempt of a round, so that receivers recognise a mail they have
            "Message-ID": f"<mail.{mail.pk}.{mail.rounds}@{host}>",
            "Content-Language": mail.language,
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(html, "text/html")
    for name, data in attachments_of(mail):
        message.attach(name, data, "application/pdf")
    # a bad header is found here, before anything is said to the server
    message.message()
    return message


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        # what it had to do it has done
        logger.info("the mail server hung up first")
