"""Goods for the contracts of shops: a phone in two memories, with a picture, a category and stock."""

from __future__ import annotations

import io

from PIL import Image

from karvon.catalog import gallery
from karvon.catalog.inputs import ValueInput
from karvon.catalog.models import Product
from karvon.catalog.tests.factories import make_attribute, make_category, make_product, variant_input
from karvon.inventory.tests.factories import stock_up
from karvon.media import services as media
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant


def make_phone(*, merchant: Merchant | None = None, units: int = 5) -> Product:
    """Two variants of one phone: 128 GB for 4 500 000, 256 GB for 5 000 000."""
    merchant = merchant or make_merchant()
    for code, choices in (("color", ["black"]), ("memory", ["128GB", "256GB"])):
        make_attribute(code, choices=choices, is_option=True, is_filterable=True)
    variants = [
        variant_input(
            price,
            sku=f"PHX-{memory}",
            tracks_stock=True,
            options=(ValueInput("color", "black"), ValueInput("memory", memory)),
        )
        for memory, price in (("128GB", "4500000"), ("256GB", "5000000"))
    ]
    phone = make_product(
        "Phone X",
        merchant=merchant,
        category=make_category("Phones"),
        variants=variants,
        description="<p>Six inches.</p>",
    )
    for variant in phone.variants.all():
        stock_up(variant, units)
    return phone


def add_picture(product: Product) -> None:
    """A picture of 40 by 30."""
    data = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(data, "PNG")
    data.seek(0)
    owner = product.merchant.owner
    picture = media.store_image(
        data=data, file_name="phone.png", owner_ref=f"merchant:{product.merchant_id}", actor=owner, alt=""
    )
    gallery.add_product_image(
        product_id=product.pk, asset_id=picture.pk, actor=owner, alt="Front", variant_id=None
    )
