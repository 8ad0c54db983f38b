"""Draw every document that has a drawn part."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser

PREFIX = "document_"


class Command(BaseCommand):
    help = "Run every `document_…` command: what is drawn from the code's tables in docs/*.md."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit code 1 when one is not up to date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        own = __name__.rpartition(".")[2]
        stale = []
        for name in sorted(name for name in get_commands() if name.startswith(PREFIX) and name != own):
            try:
                call_command(name, check=options["check"])
            except CommandError as error:
                stale.append(str(error))
        if stale:
            raise CommandError("\n".join(stale))
