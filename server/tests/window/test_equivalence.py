"""After any sequence of writes the shop window equals what the tables say."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from karvon.accounts.tests.factories import make_user
from karvon.catalog import gallery, services
from karvon.catalog.inputs import ProductInput, ValueInput, VariantInput
from karvon.catalog.models import (
    Attribute,
    Category,
    Collection,
    ModifierGroup,
    Product,
    ProductImage,
    Tag,
    Variant,
)
from karvon.catalog.services.modifiers import ModifierInput
from karvon.catalog.tests.factories import make_attribute, make_modifier_group, variant_input
from karvon.inventory.services import adjust_stock
from karvon.kernel import clock
from karvon.kernel.errors import DomainError
from karvon.kernel.testing import drain_outbox
from karvon.media.models import Asset, Rendition
from karvon.merchants.models import Merchant
from karvon.merchants.services import activate_merchant, suspend_merchant, update_branch, update_merchant
from karvon.merchants.tests.factories import make_branch, make_merchant
from karvon.reviews.services import ReviewInput, create_review
from tests.window.reference import LANGUAGES, assert_window_is_right

_numbers = count(1)

words = st.sampled_from(["Palov", "Плов", "شاي", "O‘zbek <non> & choy", "Linen shirt"])
texts = st.dictionaries(st.sampled_from(LANGUAGES), words, min_size=1)
prices = st.integers(0, 40).map(lambda number: Decimal(number) / 4)
places = st.integers(0, 5)
flags = st.booleans()
tags = st.none() | st.lists(st.sampled_from(["Hot", "cold", "Новинка"]), unique=True).map(tuple)
values = st.none() | st.lists(
    st.sampled_from(
        [
            ("size", "s"),
            ("size", "m"),
            ("shade", "red"),
            ("weight", "1.50"),
            ("author", "Navoiy"),
            ("washable", True),
        ]
    ),
    max_size=4,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: tuple(ValueInput(code=code, value=value) for code, value in pairs))
descriptions = st.none() | st.dictionaries(
    st.sampled_from(LANGUAGES), st.sampled_from(["", "<p>Rice &amp; lamb</p>", "Cool"]), min_size=1
)


def pick(rows: Any, place: int) -> Any | None:
    """The row at this place, counted round; None when there is none."""
    found = list(rows.order_by("pk"))
    return found[place % len(found)] if found else None


class Shop(RuleBasedStateMachine):
    """Whatever merchants, operators, stock and shoppers do, in any order, refusals and all."""

    def __init__(self) -> None:
        super().__init__()
        self.scope = contextlib.ExitStack()
        self.scope.enter_context(transaction.atomic())
        self.step = 0

    @initialize()
    def open(self) -> None:
        for number in range(2):
            merchant = make_merchant(default_language=("en", "uz")[number])
            make_branch(merchant)
            make_modifier_group(merchant, "Onion", "Garlic")
            for _ in range(2):
                make_picture(merchant)
        make_attribute("size", choices=("s", "m"), is_option=True, position=1)
        make_attribute("shade", type="colour", choices=("red",))
        make_attribute("weight", type="number", unit="kg")
        make_attribute("author", type="text", position=2)
        make_attribute("washable", type="boolean")
        top = services.create_category(actor=None, names={"en": "Food"})
        services.create_category(actor=None, names={"ru": "Супы"}, parent_id=top.pk)
        for place in range(3):
            self.open_with(place)

    def open_with(self, place: int) -> None:
        """A product that shows something of everything, so that each change below has something to change."""
        merchant, category = pick(Merchant.objects, place), pick(Category.objects, place)
        product = services.create_product(
            merchant_id=merchant.pk,
            actor=None,
            product=ProductInput(
                titles={"en": f"Dish {place}"}, state="published", category_id=category.pk, tags=("Hot",),
                attributes=tuple(
                    ValueInput(code=code, value=value)
                    for code, value in (("shade", "red"), ("weight", "2"), ("author", "A"), ("washable", False))
                ),
                variants=(
                    variant_input(place + 3, tracks_stock=True, options=(ValueInput(code="size", value="s"),)),
                    variant_input(place + 4, compare_at_price=Decimal(9)),
                ),
                modifier_group_ids=tuple(merchant.modifier_groups.values_list("pk", flat=True)),
            ),
        )  # fmt: skip
        for asset in Asset.objects.filter(owner_ref=f"merchant:{merchant.pk}"):
            gallery.add_product_image(product_id=product.pk, asset_id=asset.pk, actor=None)
        services.create_collection(actor=None, titles={"en": "Best"}, product_ids=[product.pk])

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scope.close()

    @invariant()
    def the_window_is_right(self) -> None:
        if Merchant.objects.exists():
            self.step += 1
            # one language now, another after the next write
            assert_window_is_right(languages=(LANGUAGES[self.step % 4],))

    def attempt(self, work: Callable[[], Any]) -> None:
        """A refused service changes nothing, as on its own."""
        with contextlib.suppress(DomainError), transaction.atomic():
            work()

    # -- products

    @rule(
        title=texts, price=prices, place=places, tags=tags, values=values, about=descriptions, counted=flags
    )
    def make(
        self, title: Any, price: Any, place: int, tags: Any, values: Any, about: Any, counted: bool
    ) -> None:
        merchant, category = pick(Merchant.objects, place), pick(Category.objects, place)
        product = ProductInput(
            titles=title, descriptions=about, tags=tags, attributes=values, state="published",
            category_id=category.pk if category and place else None, vendor="Weaver",
            variants=(
                variant_input(price, tracks_stock=counted, titles=title),
                variant_input(price + 1, tracks_stock=True, options=(ValueInput(code="size", value="m"),)),
            ),
        )  # fmt: skip
        self.attempt(lambda: services.create_product(merchant_id=merchant.pk, product=product, actor=None))

    @rule(place=places, title=st.none() | texts, price=prices, sale=st.none() | prices, tags=tags, values=values,
          shows=st.none() | flags)  # fmt: skip
    def change(
        self, place: int, title: Any, price: Any, sale: Any, tags: Any, values: Any, shows: bool | None
    ) -> None:
        product = pick(Product.objects, place)
        variant = product and pick(product.variants, place)
        if variant is None:
            return
        given = VariantInput(
            sku=variant.sku, price=price, compare_at_price=sale, clears_compare_at_price=sale is None,
            tracks_stock=shows, is_active=shows, options=values,
        )  # fmt: skip
        category = pick(Category.objects, place)
        groups = ModifierGroup.objects.filter(merchant_id=product.merchant_id).values_list("pk", flat=True)
        changed = ProductInput(
            titles=title, tags=tags, attributes=values, variants=(given,), category_id=category.pk if category else None,
            modifier_group_ids=tuple(groups[: place % 2]),
        )  # fmt: skip
        self.attempt(lambda: services.update_product(product_id=product.pk, product=changed, actor=None))

    @rule(place=places, begins=st.sampled_from([None, -1, 1]), ends=st.sampled_from([None, -1, 1]))
    def schedule(self, place: int, begins: int | None, ends: int | None) -> None:
        if product := pick(Product.objects, place):
            at = [None if days is None else clock.now() + timedelta(days=days) for days in (begins, ends)]
            given = ProductInput(
                publish_at=at[0], unpublish_at=at[1], clears=frozenset({"publish_at", "unpublish_at"})
            )
            self.attempt(lambda: services.update_product(product_id=product.pk, product=given, actor=None))

    @rule(place=places, state=st.sampled_from(["draft", "published", "published", "archived"]))
    def publish(self, place: int, state: str) -> None:
        if product := pick(Product.objects, place):
            self.attempt(lambda: services.set_product_state(product_id=product.pk, state=state, actor=None))

    @rule(place=places)
    def delete(self, place: int) -> None:
        if product := pick(Product.objects.filter(deleted_at=None), place):
            self.attempt(lambda: services.delete_product(product_id=product.pk, actor=None))

    # -- what many products show

    @rule(place=places, names=texts, moves=flags)
    def change_category(self, place: int, names: Any, moves: bool) -> None:
        category, parent = pick(Category.objects, place), pick(Category.objects, place + 1)
        given = {"parent_id": parent.pk if place % 3 else None} if moves and parent else {}
        self.attempt(
            lambda: services.update_category(category_id=category.pk, actor=None, names=names, **given)
        )

    @rule(place=places, names=texts)
    def make_category(self, place: int, names: Any) -> None:
        parent = pick(Category.objects, place)
        self.attempt(
            lambda: services.create_category(actor=None, names=names, parent_id=parent.pk if parent else None)
        )

    @rule(place=places, names=texts, filterable=flags)
    def change_attribute(self, place: int, names: Any, filterable: bool) -> None:
        attribute = pick(Attribute.objects, place)
        choices = [
            ValueInput(code="", value="s", labels=names),
            ValueInput(code="", value="red", labels=names),
        ]
        has_choices = attribute.type in ("choice", "colour")
        services.update_attribute(
            attribute_id=attribute.pk, actor=None, names=names, is_filterable=filterable, position=place,
            choices=choices if has_choices else None,
        )  # fmt: skip

    @rule(place=places, names=texts, keeps=flags, delta=prices)
    def change_modifiers(self, place: int, names: Any, keeps: bool, delta: Any) -> None:
        group = pick(ModifierGroup.objects, place)
        kept = [ModifierInput(names=names, price_delta=delta, id=each.pk) for each in group.modifiers.all()]
        services.update_modifier_group(
            group_id=group.pk, actor=None, names=names, modifiers=kept if keeps else kept[:1]
        )

    @rule(place=places, names=texts, removes=flags)
    def change_tag(self, place: int, names: Any, removes: bool) -> None:
        if tag := pick(Tag.objects, place):
            if removes:
                services.delete_tag(tag_id=tag.pk, actor=None)
            else:
                services.update_tag(tag_id=tag.pk, actor=None, names=names)

    @rule(place=places, titles=texts, picked=st.lists(places, max_size=3, unique=True))
    def make_collection(self, place: int, titles: Any, picked: list[int]) -> None:
        ids = [
            each.pk for each in (pick(Product.objects.filter(deleted_at=None), one) for one in picked) if each
        ]
        merchant = pick(Merchant.objects, place)
        self.attempt(
            lambda: services.create_collection(
                actor=None, titles=titles, product_ids=ids, merchant_id=merchant.pk if place % 2 else None
            )
        )

    @rule(
        place=places,
        titles=texts,
        condition=st.sampled_from(
            [
                {"field": "price", "op": "lt", "value": "4.5"},
                {"field": "tag", "op": "eq", "value": "hot"},
                {"field": "on_sale", "op": "eq", "value": True},
                {"field": "created_within_days", "op": "eq", "value": 3},
            ]
        ),
    )
    def make_rule(self, place: int, titles: Any, condition: Any) -> None:
        merchant = pick(Merchant.objects, place)
        services.create_collection(
            actor=None, titles=titles, kind="rule", rule={"all": [condition]},
            merchant_id=merchant.pk if place % 2 else None,
        )  # fmt: skip

    @rule(place=places, titles=texts, is_active=flags, removes=flags)
    def change_collection(self, place: int, titles: Any, is_active: bool, removes: bool) -> None:
        if row := pick(Collection.objects, place):
            if removes and place == 0:
                services.delete_collection(collection_id=row.pk, actor=None)
            else:
                services.update_collection(
                    collection_id=row.pk, actor=None, titles=titles, is_active=is_active
                )

    # -- other rooms

    @rule(place=places, units=st.integers(0, 3))
    def count_stock(self, place: int, units: int) -> None:
        if variant := pick(Variant.objects.filter(product__deleted_at=None), place):
            branch = pick(variant.merchant.branches, place)
            self.attempt(
                lambda: adjust_stock(variant_id=variant.pk, branch_id=branch.pk, on_hand=units, actor=None)
            )

    @rule(place=places, rating=st.integers(1, 5))
    def review(self, place: int, rating: int) -> None:
        if product := pick(Product.objects, place):
            author = make_user()
            self.attempt(
                lambda: create_review(author=author, product_id=product.pk, review=ReviewInput(rating=rating))
            )

    @rule(place=places, doing=st.sampled_from(["add", "reverse", "remove", "rename"]), names=words)
    def arrange_pictures(self, place: int, doing: str, names: str) -> None:
        product = pick(Product.objects.filter(deleted_at=None), place)
        if product is None:
            return
        shown = {"product_id": product.pk, "actor": None}
        image = pick(ProductImage.objects.filter(product=product), place)
        order = list(product.images.order_by("-position", "-pk").values_list("pk", flat=True))
        variant = pick(product.variants, place)
        work: dict[str, Callable[[], Any]] = {
            "add": lambda: gallery.add_product_image(
                asset_id=pick(Asset.objects.filter(owner_ref=f"merchant:{product.merchant_id}"), place).pk,
                variant_id=variant.pk, **shown,
            ),
            "reverse": lambda: gallery.reorder_product_images(order=order, **shown),
        }  # fmt: skip
        if image is not None:
            work["remove"] = lambda: gallery.remove_product_image(image_id=image.pk, **shown)
            work["rename"] = lambda: gallery.change_product_image(
                image_id=image.pk, changes={"alt": names, "variant": None}, **shown
            )
        if doing in work:
            self.attempt(work[doing])

    @rule(place=places, name=words, does=st.sampled_from(["rename", "suspend", "activate", "close", "open"]))
    def change_merchant(self, place: int, name: str, does: str) -> None:
        merchant = pick(Merchant.objects, place)
        on = {"actor": None, "merchant_id": merchant.pk}
        branch = merchant.branches.get(is_default=False)
        work: dict[str, Callable[[], Any]] = {
            "rename": lambda: update_merchant(changes={"name": name, "default_language": "ru"}, **on),
            "suspend": lambda: suspend_merchant(**on),
            "activate": lambda: activate_merchant(**on),
            "close": lambda: update_branch(branch_id=branch.pk, changes={"is_active": False}, **on),
            "open": lambda: update_branch(branch_id=branch.pk, changes={"is_active": True}, **on),
        }
        self.attempt(work[does])
        drain_outbox()


def make_picture(merchant: Merchant) -> Asset:
    """A picture's rows, with two renditions; nothing here reads its file."""
    number = next(_numbers)
    asset = Asset.objects.create(
        owner_ref=f"merchant:{merchant.pk}", sha256=f"{number:064}", source_sha256=f"{number:064}",
        file=f"p{number}.jpg", content_type="image/jpeg", width=800, height=600, size_bytes=1, alt="A picture",
        dominant_colour="#aabbcc", state="ready",
    )  # fmt: skip
    for format_, width in (("avif", 320), ("webp", 160), ("webp", 640)):
        Rendition.objects.create(
            asset=asset,
            width=width,
            height=width,
            format=format_,
            file=f"p{number}-{width}.{format_}",
            size_bytes=1,
        )
    return asset


@pytest.fixture(autouse=True)
def plain_media_url(settings: Any) -> None:
    settings.KARVON_MEDIA_URL = "/media/"


@pytest.mark.django_db
def test_the_window_equals_the_tables_after_any_writes() -> None:
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=3,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # add Phase.shrink to find a shorter way to a failure
            suppress_health_check=list(HealthCheck),
        ),
    )
