"""Remake the shop window from the rows behind it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from karvon.catalog.models import Product
from karvon.catalog.window import refresh_products
from karvon.kernel.db import transactional
from karvon.merchants.models import Merchant


class Command(BaseCommand):
    help = "Rewrite every product's window row and documents. Safe while the shop runs; --after continues a broken run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", help="only this merchant's (username)")
        parser.add_argument("--batch", type=int, default=200, help="products per transaction (default 200)")
        parser.add_argument("--after", type=int, default=0, help="start after this product id")

    def handle(self, *args: Any, **options: Any) -> None:
        products = Product.objects.filter(pk__gt=options["after"], deleted_at=None).order_by("pk")
        if options["merchant"]:
            merchant = Merchant.objects.filter(username__iexact=options["merchant"]).first()
            if merchant is None:
                raise CommandError(f"there is no merchant {options['merchant']!r}")
            products = products.filter(merchant=merchant)
        ids = list(products.values_list("pk", flat=True))
        step = max(1, options["batch"])
        with Progress(
            "{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        ) as progress:
            task = progress.add_task("window", total=len(ids))
            for start in range(0, len(ids), step):
                transactional(refresh_products)(ids[start : start + step])
                progress.advance(task, len(ids[start : start + step]))
        self.stdout.write(self.style.SUCCESS(f"{len(ids)} products are in the window"))
