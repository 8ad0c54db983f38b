"""Make the shop window whole and have it in memory before customers ask."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from karvon.backoffice.caches import warm_caches
from karvon.backoffice.management.console import progress_bars, shown_bytes


class Command(BaseCommand):
    help = (
        "Rewrite what is missing or stale in the shop window, then read all of it, the first page of every list and the "
        "category tree, so that PostgreSQL has them in memory. Safe while the shop runs; may be broken off and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--clear-first",
            action="store_true",
            help="empty the cache in Redis and make every document anew, batch by batch, not only what is wrong",
        )
        parser.add_argument("--json", action="store_true", help="the result as JSON")
        parser.add_argument("--quiet", action="store_true", help="no progress")

    def handle(self, *args: Any, **options: Any) -> None:
        with progress_bars(quiet=options["quiet"]) as report:
            done = warm_caches(clear_first=options["clear_first"], report=report)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done)))
            return
        self.stdout.write(
            self.style.SUCCESS(
                f"{done.rebuilt} of {done.products} products made anew, {shown_bytes(done.bytes_read)} of documents and "
                f"{done.lists_read} lists read"
            )
        )
