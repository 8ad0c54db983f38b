"""A believable shop of a given size."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.backoffice.demo.growing import LEAST_PRODUCTS, fill_town
from karvon.backoffice.management.console import progress_bars


class Command(BaseCommand):
    help = (
        "Fill the shop with the demo town - merchants, catalogue in four languages, customers, ninety days of orders, reviews - "
        "or, where it stands, add what is missing up to this size; nothing is ever taken away, so it may be run "
        "again. The logins of the demo have a password that everybody knows: refused unless KARVON_DEMO or KARVON_DEBUG is on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--products", type=int, default=1_200, help="in the whole shop (1200)")
        parser.add_argument("--customers", type=int, default=200, help="in the whole shop (200)")
        parser.add_argument("--orders", type=int, default=2_000, help="in the whole shop (2000)")
        parser.add_argument("--seed", type=int, default=7, help="another number, another town")
        parser.add_argument("--json", action="store_true", help="what was added as JSON")
        parser.add_argument("--quiet", action="store_true", help="no progress")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.KARVON_DEMO or settings.DEBUG):
            raise CommandError(
                "this is not a demo (KARVON_DEMO is off): everybody knows the demo's passwords"
            )
        if options["products"] < LEAST_PRODUCTS:
            raise CommandError(f"--products is {LEAST_PRODUCTS} or more")
        if options["customers"] < 2 or options["orders"] < 0:
            raise CommandError("--customers is 2 or more, --orders 0 or more")
        with progress_bars(quiet=options["quiet"]) as report:
            added = fill_town(
                products=options["products"],
                customers=options["customers"],
                orders=options["orders"],
                seed=options["seed"],
                report=report,
            )
        if options["json"]:
            self.stdout.write(json.dumps(asdict(added)))
            return
        what = f"{added.products} products, {added.customers} customers and {added.orders} orders were added"
        self.stdout.write(
            self.style.SUCCESS(what if any(asdict(added).values()) else "the shop has all of it already")
        )
