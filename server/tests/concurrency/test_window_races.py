"""Many write one product, and what it shows, at the same moment: the window ends as the tables say."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from karvon.catalog import gallery, services
from karvon.catalog.inputs import ProductInput, VariantInput
from karvon.catalog.models import Product, Tag, WindowBody, WindowRow
from karvon.catalog.tests.factories import make_category, make_product, make_products, variant_input
from karvon.catalog.window import writing
from karvon.inventory.services import receive_stock
from karvon.kernel.testing import drain_outbox
from karvon.media.models import Asset
from karvon.merchants.models import Merchant
from karvon.merchants.services import update_merchant
from karvon.merchants.tests.factories import make_merchant
from tests.concurrency.crowds import Meeting, run_crowd
from tests.window.reference import assert_window_is_right
from tests.window.test_equivalence import make_picture, plain_media_url

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["plain_media_url"]  # a fixture for every test here


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


@pytest.fixture
def product(merchant: Merchant) -> Product:
    return make_product(
        "Shirt", merchant=merchant, category=make_category("Shirts"), tags=("linen",),
        variants=(variant_input("10", sku="A", tracks_stock=True), variant_input("12", sku="B", tracks_stock=True)),
    )  # fmt: skip


def update(product: Product, **changes: Any) -> None:
    services.update_product(product_id=product.pk, product=ProductInput(**changes), actor=None)


def price(product: Product, sku: str, amount: int) -> None:
    update(product, variants=(VariantInput(sku=sku, price=Decimal(amount)),))


def test_every_kind_of_writer_at_one_product(merchant: Merchant, product: Product) -> None:
    branch = merchant.branches.get()
    first, second = product.variants.order_by("pk")
    other = make_category("Coats")
    pictures: list[Asset] = [make_picture(merchant) for _ in range(4)]
    tag = Tag.objects.get()
    shirts = product.category_id
    actions: list[Any] = []
    for number in range(6):
        actions += [
            lambda n=number: price(product, "A", n + 1),
            lambda n=number: price(product, "B", n + 20),
            lambda n=number: update(product, titles={"en": f"Shirt {n}"}),
            lambda n=number: update(product, category_id=shirts if n % 2 else other.pk),
            lambda n=number: services.update_category(category_id=shirts, actor=None, names={"en": f"S{n}"}),
            lambda n=number: services.update_tag(tag_id=tag.pk, actor=None, names={"en": f"T{n}"}),
            lambda: receive_stock(variant_id=first.pk, branch_id=branch.pk, quantity=1, actor=None),
            lambda: receive_stock(variant_id=second.pk, branch_id=branch.pk, quantity=2, actor=None),
            lambda n=number: gallery.add_product_image(
                product_id=product.pk, asset_id=pictures[n % 4].pk, actor=None
            ),
            lambda n=number: update_merchant(
                actor=None, merchant_id=merchant.pk, changes={"name": f"Shop {n}"}
            ),
        ]

    results = run_crowd(actions, runners=16)

    assert [each for each in results if isinstance(each, Exception)] == []
    drain_outbox()
    assert assert_window_is_right() == 1
    assert WindowRow.objects.get().quantity == 6 + 12


class TestControls:
    """With a lock taken away, the same writers leave the window wrong: every time, because they meet in between."""

    def test_without_the_product_s_lock(self, product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each has changed its variant and reads the other's as it was before."""
        self._meet_before_loading(monkeypatch)
        monkeypatch.setattr("karvon.catalog.services.products.lock_product", lambda **given: product)
        monkeypatch.setattr(writing, "lock_products", lambda ids: None)
        monkeypatch.setattr(  # the rows' own order of writes, which would let one wait for the other
            "karvon.catalog.services.products._write",
            lambda row, merchant, given: [
                row.variants.filter(sku=each.sku).update(price=each.price) for each in given.variants
            ],
        )

        run_crowd([lambda: price(product, "A", 90), lambda: price(product, "B", 95)])

        row = WindowRow.objects.get()
        assert (row.price_min, row.price_max) != (90, 95)

    def test_with_it(self, product: Product) -> None:
        run_crowd([lambda: price(product, "A", 90), lambda: price(product, "B", 95)])

        row = WindowRow.objects.get()
        assert (row.price_min, row.price_max) == (90, 95)

    def test_without_the_texts_lock(self, merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody renames a category while a product is put into it: neither sees the other."""
        category = make_category("Old")
        seen = make_product("Seen", merchant=merchant)
        self._meet_before_loading(monkeypatch)
        for place in (
            "services.products.share_texts",
            "window.writing.share_texts",
            "services.categories.own_texts",
        ):
            monkeypatch.setattr(f"karvon.catalog.{place}", lambda: None)
        monkeypatch.setattr(
            "karvon.catalog.services.categories.refresh_or_announce",
            lambda ids: (list(ids), writing.load_products([], now=None)),
        )

        run_crowd(
            [
                lambda: update(seen, category_id=category.pk),
                lambda: services.update_category(category_id=category.pk, actor=None, names={"en": "New"}),
            ]
        )

        body = bytes(WindowBody.objects.get(product=seen, language="en").list_body)
        assert b'"category_name":"Old"' in body

    def test_with_them(self, merchant: Merchant) -> None:
        category = make_category("Old")
        seen = make_product("Seen", merchant=merchant)

        run_crowd(
            [
                lambda: update(seen, category_id=category.pk),
                lambda: services.update_category(category_id=category.pk, actor=None, names={"en": "New"}),
            ]
        )

        body = bytes(WindowBody.objects.get(product=seen, language="en").list_body)
        assert b'"category_name":"New"' in body

    def _meet_before_loading(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Both have written before either reads, and have read before either commits."""
        meeting, load = Meeting(2), writing.load_products

        def load_together(*args: Any, **named: Any) -> Any:
            meeting.wait()
            found = load(*args, **named) if args[0] else []
            meeting.wait()
            return found

        monkeypatch.setattr(writing, "load_products", load_together)


class TestRebuilding:
    def test_it_heals_what_was_spoiled_while_writes_go_on(self, merchant: Merchant) -> None:
        said = StringIO()
        products = make_products(30, merchant=merchant)
        WindowRow.objects.filter(pk__in=[each.pk for each in products[::3]]).delete()
        WindowRow.objects.filter(pk__in=[each.pk for each in products[1::3]]).update(
            price_min=0, is_visible=False, category_ids=[7], tags=["wrong"], quantity=9
        )
        WindowBody.objects.filter(product__in=products[2::3]).update(list_body=b"{}", detail_body=b"{}")
        with pytest.raises(Exception):  # noqa: B017 - it is wrong in many ways
            assert_window_is_right(languages=("en",))

        results = run_crowd(
            [
                lambda: call_command("rebuild_window", batch=4, stdout=said),
                *(lambda each=each: update(each, titles={"en": f"New {each.pk}"}) for each in products[:10]),
                lambda: make_product("Newcomer", merchant=merchant),
            ],
            runners=4,
        )

        assert [each for each in results if isinstance(each, Exception)] == []
        assert assert_window_is_right(languages=("en",)) == 31
        assert "products are in the window" in said.getvalue()

    def test_only_one_merchant_s(self, merchant: Merchant) -> None:
        mine, theirs = make_product(merchant=merchant), make_product()
        WindowRow.objects.update(price_min=0)

        call_command("rebuild_window", merchant=merchant.username)

        assert [WindowRow.objects.get(pk=each.pk).price_min for each in (mine, theirs)] == [10000, 0]
