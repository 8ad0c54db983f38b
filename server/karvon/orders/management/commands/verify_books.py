"""Prove that the numbers agree."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.orders.books import verify_books


class Command(BaseCommand):
    help = "Check stock, reservations, totals, ratings and promotions against each other; exit code 1 on a disagreement."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = verify_books()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(each) for each in findings], indent=2))
        else:
            for each in findings:
                self.stdout.write(f"{each.rule}: {each.what}")
        if findings:
            raise CommandError(f"{len(findings)} disagreements")
        if not options["json"]:
            self.stdout.write(self.style.SUCCESS("the books are clean"))
