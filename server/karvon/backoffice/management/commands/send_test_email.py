"""Does mail leave this shop?"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES
from karvon.notifications.trying import send_test_mail


class Command(BaseCommand):
    help = (
        "Send a mail with an HTML and a text body through the configured backend, at once and not through the queue, and say "
        "where it went. Exit code 1 when the server did not take it, with its answer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="to whom")
        parser.add_argument("--language", choices=LANGUAGES, default=DEFAULT_LANGUAGE)

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["address"]
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError(f"{address!r} is no mail address") from error
        found = send_test_mail(address, language=options["language"])
        if not found.was_taken:
            raise CommandError(f"{found.way} did not take it ({found.outcome}): {found.error}")
        self.stdout.write(self.style.SUCCESS(f"a mail to {address} went to {found.way}"))
