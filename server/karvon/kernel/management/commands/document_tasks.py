"""Draw queues and schedule into their document."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.kernel.timetable import put_into
from karvon.settings.env import ROOT

DOCUMENT = ROOT / "docs" / "operating.md"


class Command(BaseCommand):
    help = "Write the tables of queues and scheduled tasks into docs/operating.md."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit code 1 when it is not up to date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        old = DOCUMENT.read_text(encoding="utf-8")
        fresh = put_into(old)
        if options["check"] and old != fresh:
            raise CommandError(f"{DOCUMENT.name} is not what the settings say; `make schema` draws it anew")
        if not options["check"]:
            DOCUMENT.write_text(fresh, encoding="utf-8")
