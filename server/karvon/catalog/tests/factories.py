"""Products on show, for tests of this room and those above. All through the services, so that the window is right."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from karvon.catalog import services
from karvon.catalog.inputs import ProductInput, ValueInput, VariantInput
from karvon.catalog.models import Attribute, Category, Collection, ModifierGroup, Product, Variant
from karvon.catalog.services.modifiers import ModifierInput
from karvon.catalog.window import refresh_products
from karvon.kernel.db import transactional
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant

_numbers = count(1)


def make_category(
    name: str = "", *, parent: Category | None = None, names: dict[str, str] | None = None, **fields: Any
) -> Category:
    """A category; `names` by language, or `name` in English."""
    number = next(_numbers)
    return services.create_category(
        actor=None,
        names=names or {"en": name or f"Category {number}"},
        parent_id=parent.pk if parent else None,
        **fields,
    )


def make_attribute(
    code: str = "", *, type: str = "choice", choices: Sequence[str] = (), name: str = "", **fields: Any
) -> Attribute:
    """An attribute whose choices are called like their codes, with a capital."""
    code = code or f"attribute-{next(_numbers)}"
    return services.create_attribute(
        actor=None,
        code=code,
        names={"en": name or code.capitalize()},
        type=type,
        choices=[ValueInput(code="", value=each, labels={"en": each.capitalize()}) for each in choices],
        **fields,
    )


def variant_input(price: Decimal | str | int = "10000", **fields: Any) -> VariantInput:
    """A variant with a SKU of its own unless given; uncounted unless `tracks_stock=True`."""
    fields.setdefault("sku", f"SKU-{next(_numbers)}")
    fields.setdefault("tracks_stock", False)
    return VariantInput(price=Decimal(price), **fields)


def make_product(
    title: str = "",
    *,
    merchant: Merchant | None = None,
    category: Category | None = None,
    price: Decimal | str | int = "10000",
    variants: Sequence[VariantInput] | None = None,
    titles: dict[str, str] | None = None,
    description: str = "",
    **fields: Any,
) -> Product:
    """A published product with one variant that is always in stock, unless told otherwise."""
    number = next(_numbers)
    fields.setdefault("state", "published")
    return services.create_product(
        merchant_id=(merchant or make_merchant()).pk,
        product=ProductInput(
            titles=titles or {"en": title or f"Thing {number}"},
            descriptions={"en": description} if description else None,
            category_id=category.pk if category else None,
            variants=tuple(variants) if variants is not None else (variant_input(price),),
            **fields,
        ),
        actor=None,
    )


def make_products(number: int, *, title: str = "Thing", **fields: Any) -> list[Product]:
    """So many published products of one merchant, "<title> 0" first, each with one variant that is always in stock.

    Quick: rows in bulk, one refresh of the window.
    """
    merchant = fields.pop("merchant", None) or make_merchant()
    start = next(_numbers)
    products = Product.objects.bulk_create(
        Product(
            merchant=merchant, title_en=f"{title} {place}", currency=merchant.currency, state="published",
            slug=f"many-{start}-{place}", handle=f"many-{start}-{place}", **fields,
        )
        for place in range(number)
    )  # fmt: skip
    Variant.objects.bulk_create(
        Variant(product=each, merchant=merchant, sku=each.handle, price=1000, tracks_stock=False)
        for each in products
    )
    transactional(refresh_products)([each.pk for each in products])
    return products


def make_collection(title: str = "", *, products: Sequence[Product] = (), **fields: Any) -> Collection:
    """A collection; hand-picked unless a rule is given."""
    if "rule" in fields:
        fields.setdefault("kind", "rule")
    row = services.create_collection(
        actor=None, titles={"en": title or f"Collection {next(_numbers)}"}, **fields
    )
    if products:
        services.set_picks(collection_id=row.pk, actor=None, product_ids=[each.pk for each in products])
    return row


def make_modifier_group(
    merchant: Merchant, *names: str, min_picks: int = 0, max_picks: int = 1, price_delta: str = "1000"
) -> ModifierGroup:
    """A question with these answers."""
    return services.create_modifier_group(
        merchant_id=merchant.pk,
        actor=None,
        names={"en": f"Question {next(_numbers)}"},
        min_picks=min_picks,
        max_picks=max_picks,
        modifiers=[ModifierInput(names={"en": name}, price_delta=Decimal(price_delta)) for name in names],
    )
