"""The clothing shop, brought in by the same import that a merchant uses, from catalogues of real demo shops.

`assets/catalogues` has two files in the formats of Shopify and Vendure (NOTICE says where they come from). They are
English; `names.csv` beside them has the names in the other languages.
"""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from karvon.backoffice.demo.texts import Text, fill
from karvon.catalog.exchange.images import ImageFolder
from karvon.catalog.exchange.jobs import run_import_now
from karvon.catalog.models import Product, Variant
from karvon.inventory.models import StockLevel, StockMovement
from karvon.merchants.models import Merchant

ASSETS = Path(__file__).parent / "assets"
CATALOGUES = ASSETS / "catalogues"
FILES = (("clothing.csv", "shopify"), ("outdoor-and-home.csv", "vendure"))
DESCRIPTION = Text(
    "{name}. 14 kun ichida almashtirish yoki qaytarish mumkin.",
    "{name}. Обмен и возврат в течение 14 дней.",
    "{name}.",
    "{name}. الاستبدال والإرجاع خلال 14 يوماً.",
)


class CatalogueRefused(Exception):
    """A row of a catalogue that comes with the town was refused: the file or the import is broken."""


def import_wardrobe(merchant: Merchant, *, random: Random, now: datetime) -> list[Variant]:
    """Import both catalogues and translate their names; the shop's variants in the order of the files."""
    folder = ImageFolder(ASSETS / "fluent")
    for name, format_name in FILES:
        with (CATALOGUES / name).open("rb") as source:
            job = run_import_now(
                merchant=merchant,
                actor=merchant.owner,
                format_name=format_name,
                source=source,
                file_name=name,
                language="en",
                images=folder,
            )
        if job.rows_refused:
            raise CatalogueRefused(f"{name}: {job.rows_refused} rows")
    _translate(merchant, random, now)
    opening = now - timedelta(days=91)
    levels = StockLevel.objects.filter(branch__merchant=merchant)
    levels.update(low_threshold=5)
    StockMovement.objects.filter(level__in=levels).update(created_at=opening)
    return list(Variant.objects.filter(merchant=merchant).select_related("product").order_by("id"))


def _translate(merchant: Merchant, random: Random, now: datetime) -> None:
    """The words of the other languages, and days on which the goods came into the shop."""
    with (CATALOGUES / "names.csv").open(encoding="utf-8", newline="") as file:
        names = {row["handle"]: row for row in csv.DictReader(file)}
    products = list(Product.objects.filter(merchant=merchant).order_by("id"))
    for product in products:
        row = names[product.handle]
        title = Text(row["uz"], row["ru"], product.title_en, row["ar"])
        description = fill(DESCRIPTION, name=title)._replace(en=product.description_en)
        for column, text in (title.columns("title") | description.columns("description")).items():
            setattr(product, column, text)
        product.created_at = now - timedelta(minutes=random.randrange(60 * 24 * 120))
    fields = [f"{field}_{language}" for field in ("title", "description") for language in Text._fields]
    Product.objects.bulk_update(products, [*fields, "created_at"])
