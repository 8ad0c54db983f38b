"""More of everything for a shop that stands already: the town up to a size, or test data by the thousand.

Rows are written in one transaction; the shop window follows in short ones. A run that is killed in between leaves
products that are not shown yet: `warm_cache` opens their windows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from random import Random

from django.db import transaction
from django.db.models import Count, Q

from karvon.accounts.models import Role, User
from karvon.analytics.services import rebuild_all
from karvon.backoffice.demo.goods import ELECTRONICS, ELECTRONICS_BRANDS, build_goods
from karvon.backoffice.demo.history import Shop, add_orders
from karvon.backoffice.demo.opinions import write_reviews
from karvon.backoffice.demo.people import PASSWORD, add_customers, next_customer
from karvon.backoffice.demo.shelves import stock_shelves
from karvon.backoffice.demo.texts import Text
from karvon.backoffice.demo.town import (
    CHUNK,
    ELECTRONICS_SHOP,
    FIXED_PRODUCTS,
    MARK,
    REVIEWED,
    SOLD,
    WARDROBE_SHOP,
    TownSize,
    build_town,
    is_built,
    item_of,
    lock_town,
)
from karvon.catalog.models import Category, Product, ProductImage, Variant
from karvon.catalog.window import refresh_products
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.ledger.services import post_earlier_sales
from karvon.merchants.models import Branch, Merchant, MerchantKind
from karvon.orders.models import Order

TEST_SHOP = "test-data"
LEAST_PRODUCTS = FIXED_PRODUCTS + len(ELECTRONICS)  # the town's, with one electronic good of each kind
Report = Callable[[str, int, int], None]
WINDOW_BATCH = 250


@dataclass(frozen=True)
class Growth:
    """How many of each were added."""

    products: int = 0
    customers: int = 0
    orders: int = 0


def fill_town(
    *, products: int, customers: int, orders: int, seed: int, report: Report, now: datetime | None = None
) -> Growth:
    """Build the town with this much in it, or bring the one that stands up to it; nothing is ever taken away.

    Counts are of the whole shop. `products` is at least `LEAST_PRODUCTS`, `customers` at least 2.
    """
    now = now or clock.now()
    if not is_built():
        size = TownSize(electronics=products - FIXED_PRODUCTS, customers=customers, orders=orders)
        built = build_town(size=size, seed=seed, report=report, now=now)
        if built:
            return Growth(built, customers, orders)
    with transaction.atomic():
        lock_town()
        missing = Growth(
            max(0, products - Product.objects.filter(deleted_at=None).count()),
            max(0, customers - User.objects.filter(role=Role.CUSTOMER).count()),
            max(0, orders - Order.objects.count()),
        )
        random = Random(f"{seed} {Product.objects.count()} {Order.objects.count()}")
        shop = Merchant.objects.get(username=ELECTRONICS_SHOP)
        touched = _grow(shop, missing, random, now, report, password=PASSWORD, sellers=_town_shops)
    _open_windows(touched, report)
    return missing


def create_test_data(
    *, products: int, customers: int, orders: int, seed: int, report: Report, now: datetime | None = None
) -> Growth:
    """Add this much to a shop of its own, `test-data`, beside whatever there is; each run adds more.

    Nobody can log in as these customers. Orders need products and customers: at least one of each, of this run or
    an earlier one. Raises ValidationFailed without them.
    """
    now = now or clock.now()
    more = Growth(products, customers, orders)
    with transaction.atomic():
        lock_town()
        random = Random(f"{seed} {Product.objects.count()} {Order.objects.count()}")
        touched = _grow(_test_shop(), more, random, now, report, password=None, sellers=_only_test_shop)
    _open_windows(touched, report)
    return more


def _grow(
    merchant: Merchant,
    more: Growth,
    random: Random,
    now: datetime,
    report: Report,
    *,
    password: str | None,
    sellers: Callable[[], list[Shop]],
) -> set[int]:
    """Add rows; the products whose windows have to be written."""
    touched = _add_products(merchant, more.products, random, now, report)
    if more.customers:
        report("customers", 0, more.customers)
        add_customers(random, count=more.customers, first=next_customer(), password=password)
        report("customers", more.customers, more.customers)
    if more.orders:
        report("orders", 0, more.orders)
        buyers = list(
            User.objects.filter(role=Role.CUSTOMER, addresses__isnull=False).distinct().order_by("pk")
        )
        shops = sellers()
        if not shops or not buyers:
            raise ValidationFailed("Orders need products on a shelf and customers with an address.")
        placed = add_orders(shops, buyers, count=more.orders, random=random, now=now)
        write_reviews(share=REVIEWED, random=random, now=now, orders=[each.order for each in placed])
        post_earlier_sales()
        rebuild_all()
        touched |= {line.product_id for each in placed for line in each.lines}
        report("orders", more.orders, more.orders)
    return touched


def _add_products(merchant: Merchant, count: int, random: Random, now: datetime, report: Report) -> set[int]:
    if not count:
        return set()
    categories = _categories_of_goods()
    # rows are never removed, so that their number has not been used yet
    first = Product.objects.filter(merchant=merchant).count()
    goods = build_goods(ELECTRONICS, ELECTRONICS_BRANDS, count, random, first=first)
    branches, pictures = list(merchant.branches.all()), _pictures_in_use()
    touched: set[int] = set()
    for start in range(0, count, CHUNK):
        report("products", start, count)
        items = [item_of(good, categories) for good in islice(goods, CHUNK)]
        variants = stock_shelves(merchant, branches, items, pictures=pictures, random=random, now=now)
        touched |= {variant.product_id for variant in variants}
    report("products", count, count)
    return touched


def _categories_of_goods() -> dict[str, int]:
    """The tree's, where it stands; else one for everything."""
    found = dict(Category.objects.values_list("slug", "pk"))
    if all(kind.category in found for kind in ELECTRONICS):
        return found
    row, _is_new = Category.objects.get_or_create(
        slug=TEST_SHOP, defaults=Text("Sinov", "Тестовые", "Test data", "بيانات اختبار").columns("name")
    )
    return {kind.category: row.pk for kind in ELECTRONICS}


def _pictures_in_use() -> dict[str, int]:
    """The pictures of the town's own goods by their names; none in a shop without it.

    A good's handle ends with its number, and the number says which kind it is.
    """
    goods = ProductImage.objects.filter(product__merchant__username=ELECTRONICS_SHOP, position=0).order_by(
        "product"
    )
    found = {}
    for handle, asset_id in goods.values_list("product__handle", "asset_id")[:500]:
        number = handle.rpartition("-")[2]
        if number.isascii() and number.isdigit():
            found[ELECTRONICS[int(number) % len(ELECTRONICS)].picture] = asset_id
    return found


def _test_shop() -> Merchant:
    found = Merchant.objects.filter(username=TEST_SHOP).first()
    if found is not None:
        return found
    owner = User.objects.create_user(
        username="test-data-owner", email="test-data@karvon.example", role=Role.MERCHANT, password=None
    )
    description = Text("Sinov uchun", "Для испытаний", "Goods to test with", "بضائع للاختبار")
    shop = Merchant.objects.create(
        owner=owner, username=TEST_SHOP, name="Test data", kind=MerchantKind.SHOP, currency="UZS", email=owner.email,
        **description.columns("description"),
    )  # fmt: skip
    place = Text(*["Test"] * 4)
    Branch.objects.create(
        merchant=shop, is_default=True, city="Tashkent", **place.columns("name"), **place.columns("address")
    )
    return shop


def _only_test_shop() -> list[Shop]:
    return _shops_of((TEST_SHOP, 1))


def _town_shops() -> list[Shop]:
    return _shops_of((MARK, 5), (ELECTRONICS_SHOP, 2), (WARDROBE_SHOP, 3))


def _shops_of(*weighted: tuple[str, int]) -> list[Shop]:
    """Sellers with what their customers may choose from: what is counted in every branch."""
    shops = []
    for username, weight in weighted:
        merchant = Merchant.objects.get(username=username)
        branches = list(merchant.branches.filter(is_active=True))
        stocked = Count("stock_levels", filter=Q(stock_levels__branch__in=branches))
        variants = Variant.objects.filter(merchant=merchant, is_active=True, product__deleted_at=None)
        chosen = variants.alias(stocked=stocked).filter(stocked=len(branches)).select_related("product")
        if branches and (found := list(chosen.order_by("pk")[:SOLD])):
            shops.append(Shop(merchant, branches, found, weight))
    return shops


def _open_windows(product_ids: set[int], report: Report) -> None:
    ids = sorted(product_ids)
    for start in range(0, len(ids), WINDOW_BATCH):
        transactional(refresh_products)(ids[start : start + WINDOW_BATCH])
        report("shop window", min(start + WINDOW_BATCH, len(ids)), len(ids))
