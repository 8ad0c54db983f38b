"""Rows of products, variants, attributes, pictures and stock, written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from zlib import crc32

from karvon.backoffice.demo.menu import QUESTIONS, Dish
from karvon.backoffice.demo.texts import Text, fill
from karvon.catalog.models import (
    AttributeChoice,
    Modifier,
    ModifierGroup,
    Product,
    ProductImage,
    ProductKind,
    ProductModifierGroup,
    ProductState,
    Variant,
    VariantAttribute,
)
from karvon.inventory.models import MovementKind, StockLevel, StockMovement
from karvon.merchants.models import Branch, Merchant

GOODS_TEXT = Text(
    "{name}. Rasmiy kafolat, bepul qaytarish 14 kun ichida.",
    "{name}. Официальная гарантия и возврат в течение 14 дней.",
    "{name}. With the maker's guarantee, returned within 14 days if you change your mind.",
    "{name}. بضمان رسمي وإرجاع خلال 14 يوماً.",
)


@dataclass(frozen=True)
class Item:
    """A product on its way into the shop: one variant per (option, choice, extra price)."""

    category_id: int
    slug: str
    name: Text
    description: Text
    vendor: str
    price: int
    picture: str
    kind: str
    options: tuple[tuple[str, str, int], ...] = (("", "", 0),)
    questions: tuple[str, ...] = ()


def stock_shelves(
    merchant: Merchant,
    branches: Sequence[Branch],
    items: Sequence[Item],
    *,
    pictures: dict[str, int],
    random: Random,
    now: datetime,
    low_share: float = 0.03,
) -> list[Variant]:
    """Write the items with all that belongs to them; the window is refreshed by the caller."""
    products = Product.objects.bulk_create(
        (_product(merchant, item, random, now) for item in items), batch_size=2000
    )
    images = (
        ProductImage(product=product, asset_id=pictures[item.picture], position=0)
        for product, item in zip(products, items, strict=True)
        if item.picture in pictures
    )
    ProductImage.objects.bulk_create(images, batch_size=5000)
    pairs = [
        (product, item, position, option)
        for product, item in zip(products, items, strict=True)
        for position, option in enumerate(item.options)
    ]
    variants = Variant.objects.bulk_create(
        (_variant(product, item, position, extra) for product, item, position, (_, _, extra) in pairs),
        batch_size=2000,
    )
    _write_options(variants, [option for *_, option in pairs])
    _write_stock(variants, branches, random, low_share, opened_at=now - timedelta(days=91))
    return variants


def _product(merchant: Merchant, item: Item, random: Random, now: datetime) -> Product:
    return Product(
        merchant=merchant,
        category_id=item.category_id,
        kind=item.kind,
        slug=f"{merchant.username}-{item.slug}"[:160],
        handle=item.slug[:255],
        vendor=item.vendor,
        currency=merchant.currency,
        state=ProductState.PUBLISHED,
        created_at=now - timedelta(minutes=random.randrange(60 * 24 * 120)),
        **item.name.columns("title"),
        **item.description.columns("description"),
    )


def _variant(product: Product, item: Item, position: int, extra: int) -> Variant:
    price = Decimal(item.price + extra)
    return Variant(
        product=product,
        merchant_id=product.merchant_id,
        sku=f"{item.slug}-{position + 1}".upper()[:100],
        price=price,
        compare_at_price=round(price * Decimal("1.2"), -3) if _is_on_sale(item) else None,
        position=position,
    )


def _is_on_sale(item: Item) -> bool:
    """Every ninth product, the same ones in every town."""
    return crc32(item.slug.encode()) % 9 == 0


def _write_options(variants: Sequence[Variant], options: Iterable[tuple[str, str, int]]) -> None:
    choices = {
        (each.attribute.code, each.code): each for each in AttributeChoice.objects.select_related("attribute")
    }
    rows = []
    for variant, (code, value, _) in zip(variants, options, strict=True):
        choice = choices.get((code, value))
        if choice is not None:
            rows.append(VariantAttribute(variant=variant, attribute=choice.attribute, choice=choice))
    VariantAttribute.objects.bulk_create(rows, batch_size=5000)


def _write_stock(
    variants: Sequence[Variant],
    branches: Sequence[Branch],
    random: Random,
    low_share: float,
    *,
    opened_at: datetime,
) -> None:
    levels = StockLevel.objects.bulk_create(
        (
            StockLevel(variant=variant, branch=branch, low_threshold=5, on_hand=_units(random, low_share))
            for variant in variants
            for branch in branches
        ),
        batch_size=5000,
    )
    movements = (
        StockMovement(
            level=level,
            kind=MovementKind.RECEIVE,
            quantity=level.on_hand,
            reason="opening stock",
            created_at=opened_at,
        )
        for level in levels
        if level.on_hand
    )
    StockMovement.objects.bulk_create(movements, batch_size=5000)


def _units(random: Random, low_share: float) -> int:
    return random.randrange(0, 5) if random.random() < low_share else random.randrange(60, 400)


def write_questions(merchant: Merchant, dishes: Sequence[Dish], products: dict[str, Product]) -> None:
    """The menu's modifier groups, tied to their dishes."""
    groups = {}
    for question in QUESTIONS:
        group = ModifierGroup.objects.create(
            merchant=merchant,
            min_picks=question.min_picks,
            max_picks=question.max_picks,
            **question.name.columns("name"),
        )
        groups[question.slug] = group
        for position, (name, price) in enumerate(question.answers):
            Modifier.objects.create(
                group=group, price_delta=Decimal(price), position=position, **name.columns("name")
            )
    ProductModifierGroup.objects.bulk_create(
        ProductModifierGroup(product=products[dish.slug], group=groups[slug], position=position)
        for dish in dishes
        for position, slug in enumerate(dish.questions)
    )


def goods_text(name: Text) -> Text:
    return fill(GOODS_TEXT, name=name)


def dish_item(dish: Dish, category_id: int) -> Item:
    return Item(
        category_id=category_id,
        slug=dish.slug,
        name=dish.name,
        description=dish.description,
        vendor="",
        price=dish.price,
        picture=dish.picture,
        kind=ProductKind.FOOD,
        questions=dish.questions,
    )
