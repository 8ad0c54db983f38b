"""Is the shop fit to be shown and tested?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.backoffice.demo.checking import check_data
from karvon.backoffice.management.console import progress_bars


class Command(BaseCommand):
    help = (
        "Count what there is, and look for rows that lack what they need, windows that are missing or stale, and books that "
        "do not agree. Changes nothing; exit code 1 when something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("products", "customers", "orders"):
            parser.add_argument(f"--{name}", type=int, default=1, help=f"at least so many {name} (1)")
        parser.add_argument("--json", action="store_true", help="the findings as JSON")
        parser.add_argument("--quiet", action="store_true", help="no progress")

    def handle(self, *args: Any, **options: Any) -> None:
        least = {name: options[name] for name in ("products", "customers", "orders")}
        with progress_bars(quiet=options["quiet"]) as report:
            found = check_data(at_least=least, report=report)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), indent=2))
        else:
            for name, count in found.counts.items():
                self.stdout.write(f"{name:<12} {count:>10,}")
            for each in found.problems:
                self.stdout.write(
                    self.style.ERROR(f"{each.rule}: {each.count} times not ({', '.join(each.examples)})")
                )
        if found.problems:
            raise CommandError(f"{len(found.problems)} rules do not hold")
        if not options["json"]:
            self.stdout.write(self.style.SUCCESS("the data are whole"))
