"""Is the shop window worth its keep?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.backoffice.timing import time_window
from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES


class Command(BaseCommand):
    help = (
        "Time a list of twenty products and a product's page read from the shop window against building them from the "
        "tables, and print the ratio. Exit code 1 when the window is not faster, or nothing is on show."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--iterations", type=int, default=100, help="of each measurement (100)")
        parser.add_argument("--language", choices=LANGUAGES, default=DEFAULT_LANGUAGE)
        parser.add_argument("--json", action="store_true", help="the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["iterations"] < 1:
            raise CommandError("--iterations is 1 or more")
        timings = time_window(iterations=options["iterations"], language=options["language"])
        if not timings:
            raise CommandError("nothing is on show; seed_db fills the shop, warm_cache mends its window")
        if options["json"]:
            figures = [{**asdict(each), "ratio": round(each.ratio, 2)} for each in timings]
            self.stdout.write(json.dumps({"iterations": options["iterations"], "timings": figures}, indent=2))
        else:
            self.stdout.write(
                f"{'':<12} {'window, ms':>12} {'p95':>8} {'tables, ms':>12} {'p95':>8} {'ratio':>8}"
            )
            for each in timings:
                self.stdout.write(
                    f"{each.what:<12} {each.window_mean:>12.2f} {each.window_p95:>8.2f} {each.tables_mean:>12.2f} "
                    f"{each.tables_p95:>8.2f} {each.ratio:>7.1f}×"
                )
        if slow := [each.what for each in timings if each.ratio <= 1]:
            raise CommandError(f"the window is not faster: {', '.join(slow)}")
