"""manage.py export_catalog: a merchant's catalogue as Karvon CSV, see docs/import.md."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.catalog.exchange.exporting import export_catalogue
from karvon.catalog.exchange.images import copy_originals
from karvon.merchants.models import Merchant


class Command(BaseCommand):
    help = "Write a merchant's catalogue as Karvon CSV, to a file or (-) to the standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--merchant", required=True, help="username of the merchant")
        parser.add_argument("--images", type=Path, help="copy the pictures into this folder as well")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(username__iexact=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['merchant']}.")
        try:
            products = _write(merchant, options["file"])
            pictures = copy_originals(merchant, options["images"]) if options["images"] else 0
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        if options["file"] != "-":
            self.stdout.write(f"{products} products, {pictures} pictures written")


def _write(merchant: Merchant, name: str) -> int:
    counted = 0

    def count(products: int) -> None:
        nonlocal counted
        counted = products

    pieces = export_catalogue(merchant, on_progress=count)
    if name == "-":
        sys.stdout.buffer.writelines(pieces)
        return counted
    with Path(name).open("wb") as file:
        file.writelines(pieces)
    return counted
