"""The window is written in the transaction of the change, and rolled back with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from karvon.accounts.tests.factories import make_user
from karvon.catalog import gallery, services
from karvon.catalog.inputs import ProductInput, ValueInput, VariantInput
from karvon.catalog.models import (
    Attribute,
    Category,
    ModifierGroup,
    Product,
    Tag,
    WindowBody,
    WindowEpoch,
    WindowRow,
)
from karvon.catalog.services.modifiers import ModifierInput
from karvon.catalog.tests.factories import (
    make_attribute,
    make_category,
    make_modifier_group,
    make_product,
    variant_input,
)
from karvon.inventory.services import adjust_stock
from karvon.merchants.tests.factories import make_merchant
from karvon.reviews.services import ReviewInput, create_review
from tests.window.test_equivalence import make_picture

pytestmark = pytest.mark.django_db(transaction=True)

NEW = {"en": "New"}


def rename_choice(product: Product) -> None:
    choices = [ValueInput(code="", value="s", labels=NEW)]
    services.set_choices(attribute_id=Attribute.objects.get().pk, actor=None, choices=choices)


def change(**given: Any) -> Callable[[Product], Any]:
    return lambda product: services.update_product(
        product_id=product.pk, product=ProductInput(**given), actor=None
    )


def rename_modifier(product: Product) -> None:
    group = ModifierGroup.objects.get()
    known = [ModifierInput(names=NEW, id=each.pk) for each in group.modifiers.all()]
    services.update_modifier_group(group_id=group.pk, actor=None, modifiers=known)


def count_stock(product: Product) -> None:
    adjust_stock(variant_id=product.variants.get().pk, on_hand=5, actor=None)


def turn_pictures(product: Product) -> None:
    order = list(product.images.order_by("-position").values_list("pk", flat=True))
    gallery.reorder_product_images(product_id=product.pk, order=order, actor=None)


CHANGES: dict[str, Callable[[Product], Any]] = {
    "price": change(variants=(VariantInput(sku="A", price=7),)),
    "title": change(titles=NEW),
    "stock": count_stock,
    "rating": lambda product: create_review(
        author=make_user(), product_id=product.pk, review=ReviewInput(rating=4)
    ),
    "category's name": lambda product: services.update_category(
        category_id=Category.objects.get().pk, actor=None, names=NEW
    ),
    "attribute's name": lambda product: services.update_attribute(
        attribute_id=Attribute.objects.get().pk, actor=None, names=NEW
    ),
    "choice's name": rename_choice,
    "modifier's name": rename_modifier,
    "tag's name": lambda product: services.update_tag(tag_id=Tag.objects.get().pk, actor=None, names=NEW),
    "order of pictures": turn_pictures,
    "state": lambda product: services.set_product_state(product_id=product.pk, state="draft", actor=None),
    "deletion": lambda product: services.delete_product(product_id=product.pk, actor=None),
    "collection": lambda product: services.create_collection(
        actor=None, titles=NEW, product_ids=[product.pk]
    ),
}


def photograph() -> list[Any]:
    rows = [
        list(model.objects.order_by("pk").values_list()) for model in (WindowRow, WindowBody, WindowEpoch)
    ]
    return [
        [tuple(bytes(each) if isinstance(each, memoryview) else each for each in row) for row in one]
        for one in rows
    ]


@pytest.fixture
def product() -> Product:
    merchant = make_merchant()
    make_attribute("size", choices=("s",))
    group = make_modifier_group(merchant, "Onion")
    product = make_product(
        merchant=merchant, category=make_category(), tags=("hot",), modifier_group_ids=(group.pk,),
        variants=(variant_input(sku="A", tracks_stock=True),), attributes=(ValueInput(code="size", value="s"),),
    )  # fmt: skip
    for _ in range(2):
        gallery.add_product_image(product_id=product.pk, asset_id=make_picture(merchant).pk, actor=None)
    return product


@pytest.mark.parametrize("name", CHANGES)
def test_changed_and_rolled_back_together(product: Product, name: str) -> None:
    before = photograph()

    with transaction.atomic():
        CHANGES[name](product)
        within = photograph()
        transaction.set_rollback(True)

    assert within[:2] != before[:2], "not written in the same transaction"
    assert photograph() == before, "and left behind when it was rolled back"
