"""Remake the shop window from the rows behind it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from karvon.catalog.models import Product
from karvon.catalog.window import refresh_products
from karvon.kernel.db import transactional
from karvon.merchants.models import Merchant


class Command(BaseCommand):
    help = (
        "Rewrite every product's window row and documents. Safe while the shop runs: one short transaction per "
        "batch, under the same locks as everybody. A run that was broken off says how to go on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", help="only this merchant's (username)")
        parser.add_argument("--batch", type=int, default=250, help="products per transaction (default 250)")
        parser.add_argument("--after", type=int, default=0, help="start after this product id")

    def handle(self, *args: Any, **options: Any) -> None:
        ids = self._list_ids(options["merchant"], options["after"])
        step = max(1, options["batch"])
        last = options["after"]
        columns = (TextColumn("window"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        try:
            with Progress(*columns) as progress:
                task = progress.add_task("window", total=len(ids))
                for start in range(0, len(ids), step):
                    batch = ids[start : start + step]
                    transactional(refresh_products)(batch)
                    last = batch[-1]
                    progress.advance(task, len(batch))
        except BaseException:
            self.stderr.write(f"broken off; go on with --after {last}")
            raise
        self.stdout.write(self.style.SUCCESS(f"{len(ids)} products are in the window"))

    def _list_ids(self, username: str | None, after: int) -> list[int]:
        """Deleted products too: theirs are the rows that must not be visible."""
        products = Product.objects.filter(pk__gt=after).order_by("pk")
        if username:
            merchant = Merchant.objects.filter(username__iexact=username).first()
            if merchant is None:
                raise CommandError(f"there is no merchant {username!r}")
            products = products.filter(merchant=merchant)
        return list(products.values_list("pk", flat=True))
