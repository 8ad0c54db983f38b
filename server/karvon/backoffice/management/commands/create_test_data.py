"""Many rows, quickly."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.backoffice.demo.growing import create_test_data
from karvon.backoffice.management.console import progress_bars
from karvon.kernel.errors import DomainError


class Command(BaseCommand):
    help = (
        "Add products, customers and orders to a shop of their own, test-data, beside whatever there is; each run adds more. "
        "Nobody can log in as these customers. Refused unless KARVON_DEMO or KARVON_DEBUG is on, or with --force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("products", "customers", "orders"):
            parser.add_argument(f"--{name}", type=int, default=0, help=f"how many {name} to add (0)")
        parser.add_argument("--seed", type=int, default=7, help="another number, other data")
        parser.add_argument("--force", action="store_true", help="also where customers may see it")
        parser.add_argument("--json", action="store_true", help="what was added as JSON")
        parser.add_argument("--quiet", action="store_true", help="no progress")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = {name: options[name] for name in ("products", "customers", "orders")}
        if min(counts.values()) < 0 or not any(counts.values()):
            raise CommandError("say how many: --products, --customers, --orders")
        if not (settings.KARVON_DEMO or settings.DEBUG or options["force"]):
            raise CommandError("this is not a demo (KARVON_DEMO is off); --force adds test data all the same")
        try:
            with progress_bars(quiet=options["quiet"]) as report:
                added = create_test_data(**counts, seed=options["seed"], report=report)
        except DomainError as error:
            raise CommandError(error.text) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(added)))
            return
        what = f"{added.products} products, {added.customers} customers and {added.orders} orders were added"
        self.stdout.write(self.style.SUCCESS(what))
