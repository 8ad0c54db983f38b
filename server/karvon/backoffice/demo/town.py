"""Builds the whole town in one transaction: a run that breaks or is killed leaves nothing behind and may start again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from random import Random

from django.db import connection, transaction

from karvon.accounts.models import Role, User
from karvon.analytics.services import rebuild_all
from karvon.backoffice.demo.attributes import write_attributes
from karvon.backoffice.demo.goods import ELECTRONICS, ELECTRONICS_BRANDS, Good, build_goods
from karvon.backoffice.demo.history import Shop, write_orders
from karvon.backoffice.demo.marketplace import enliven_marketplace, open_shop
from karvon.backoffice.demo.menu import dishes
from karvon.backoffice.demo.money import open_account, write_payouts, write_rules
from karvon.backoffice.demo.opinions import write_reviews
from karvon.backoffice.demo.people import give_favourites, make_people
from karvon.backoffice.demo.shelves import Item, dish_item, goods_text, stock_shelves, write_questions
from karvon.backoffice.demo.texts import Text
from karvon.backoffice.demo.tree import TREE, Node
from karvon.backoffice.demo.wardrobe import ASSETS, import_wardrobe
from karvon.catalog.models import Category, Collection, Product, ProductKind, Variant
from karvon.catalog.window import refresh_products
from karvon.kernel import clock
from karvon.ledger.services import post_earlier_sales
from karvon.media.selectors import PLATFORM
from karvon.media.services import store_image
from karvon.merchants.models import Merchant, MerchantKind, MerchantStaff, StaffRole
from karvon.orders.services import recompute_memberships
from karvon.promotions.models import Promotion

MARK, ELECTRONICS_SHOP, WARDROBE_SHOP = "registon", "chorsu-electronics", "atlas-style"
CLOTHES = 51  # what the wardrobe's files bring
FIXED_PRODUCTS = len(dishes()) + CLOTHES
Report = Callable[[str, int, int], None]
CHUNK = 5_000  # products written at a time
SOLD = 3_000  # variants of a shop that its orders choose from, however many it has
REVIEWED = 0.25
_LOCK = 0x1A9049  # of all advisory locks, the one of whoever builds the town
BRANCHES = (("Chilonzor", 41.2756, 69.2034), ("Yunusobod", 41.3647, 69.2888), ("Mirobod", 41.2929, 69.2751),
            ("Sergeli", 41.2264, 69.2186), ("Olmazor", 41.3450, 69.2120))  # fmt: skip


@dataclass(frozen=True)
class TownSize:
    """How much there is of what may be more or less; the menu and the imported clothes are as they are."""

    electronics: int = 1_110
    customers: int = 200
    orders: int = 2_000


def is_built() -> bool:
    """Whether the town stands already."""
    return Merchant.objects.filter(username=MARK).exists()


def lock_town() -> None:
    """Until the transaction ends nobody else builds or fills the town: whoever comes second waits, and finds it as it is."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def build_town(
    *, report: Report, size: TownSize | None = None, seed: int = 7, now: datetime | None = None
) -> int:
    """Build everything; the number of products in the shop. A town that stands already is left alone, and 0 returned.

    The same seed, size and moment give the same town.
    """
    random, now, size = Random(seed), now or clock.now(), size or TownSize()
    lock_town()
    if is_built():
        return 0
    people = make_people(random, customers=size.customers)
    customers = [person for person in people if person.role == Role.CUSTOMER]
    pictures = _pictures(report)
    categories = _categories(TREE, None, pictures)
    write_attributes()
    kitchen, gadgets, wardrobe = _merchants(people)
    shops = [
        Shop(kitchen, list(kitchen.branches.all()), _open_kitchen(kitchen, categories, pictures, random, now), weight=5),
        Shop(gadgets, list(gadgets.branches.all()), _open_electronics(gadgets, categories, pictures, size, random, now, report), weight=2),
        Shop(wardrobe, list(wardrobe.branches.all()), import_wardrobe(wardrobe, random=random, now=now), weight=3),
    ]  # fmt: skip
    _promotions(kitchen)
    write_rules(kitchen, gadgets, categories)
    open_account()
    report("orders", 0, size.orders)
    write_orders(shops, customers, count=size.orders, random=random, now=now)
    post_earlier_sales()
    rebuild_all()
    by_name = {person.username: person for person in people}
    write_payouts((kitchen, gadgets, wardrobe), staff=by_name["staff"], admin=by_name["admin"], now=now)
    enliven_marketplace((kitchen, gadgets, wardrobe), by_name, BRANCHES, now=now)
    recompute_memberships(now=now)
    write_reviews(share=REVIEWED, random=random, now=now)
    give_favourites(customers, [variant for shop in shops for variant in shop.variants], random)
    report("orders", size.orders, size.orders)
    return _open_window(report, now)


def _open_kitchen(
    merchant: Merchant, categories: dict[str, int], pictures: dict[str, int], random: Random, now: datetime
) -> list[Variant]:
    menu = dishes()
    items = [dish_item(dish, categories[dish.category]) for dish in menu]
    branches = list(merchant.branches.all())
    variants = stock_shelves(merchant, branches, items, pictures=pictures, random=random, now=now)
    write_questions(merchant, menu, {product.handle: product for product in merchant.products.all()})
    return variants


def _open_electronics(
    merchant: Merchant,
    categories: dict[str, int],
    pictures: dict[str, int],
    size: TownSize,
    random: Random,
    now: datetime,
    report: Report,
) -> list[Variant]:
    """The shop that grows with the scale; the variants that its orders choose from."""
    branches = list(merchant.branches.all())
    goods = build_goods(ELECTRONICS, ELECTRONICS_BRANDS, size.electronics, random)
    sold: list[Variant] = []
    for start in range(0, size.electronics, CHUNK):
        report("goods", start, size.electronics)
        chunk = [item_of(good, categories) for good in islice(goods, CHUNK)]
        variants = stock_shelves(merchant, branches, chunk, pictures=pictures, random=random, now=now)
        sold += variants[: SOLD - len(sold)]
    report("goods", size.electronics, size.electronics)
    return sold


def item_of(good: Good, categories: dict[str, int]) -> Item:
    """What stands on the shelf; categories are ids by slug."""
    return Item(
        category_id=categories[good.category],
        slug=good.slug,
        name=good.name,
        description=goods_text(good.name),
        vendor=good.vendor,
        price=good.price,
        picture=good.picture,
        kind=ProductKind.PHYSICAL,
        options=tuple((good.option, value, extra) for value, extra in good.values),
    )


def _categories(nodes: tuple[Node, ...], parent: Category | None, pictures: dict[str, int]) -> dict[str, int]:
    found = {}
    for position, node in enumerate(nodes):
        row = Category.objects.create(
            slug=node.slug, parent=parent, position=position, image_id=pictures.get(node.picture), **node.name.columns("name")
        )  # fmt: skip
        found[node.slug] = row.pk
        found |= _categories(node.children, row, pictures)
    return found


def _pictures(report: Report) -> dict[str, int]:
    """The pictures that dishes, gadgets and categories show, by name; the import brings the shop's own."""
    shown = {each.picture for each in (*dishes(), *ELECTRONICS)} | set(_pictures_of(TREE))
    files = [file for file in sorted(ASSETS.rglob("*.webp")) if file.stem in shown]
    found = {}
    for number, file in enumerate(files, start=1):
        with file.open("rb") as data:
            found[file.stem] = store_image(data=data, file_name=file.name, owner_ref=PLATFORM, actor=None).pk
        report("pictures", number, len(files))
    return found


def _pictures_of(nodes: tuple[Node, ...]) -> Iterator[str]:
    for node in nodes:
        yield node.picture
        yield from _pictures_of(node.children)


def _merchants(people: list[User]) -> tuple[Merchant, Merchant, Merchant]:
    by_name = {person.username: person for person in people}
    named = (
        (MARK, "Registon Oshxona", MerchantKind.RESTAURANT, "merchant", Text("Besh filialli oshxona", "Сеть кухонь в Ташкенте", "A kitchen with five branches in Tashkent", "مطبخ بخمسة فروع في طشقند")),
        (ELECTRONICS_SHOP, "Chorsu Electronics", MerchantKind.SHOP, "electronics", Text("Elektronika do‘koni", "Магазин электроники", "Electronics for home and work", "متجر إلكترونيات")),
        (WARDROBE_SHOP, "Atlas Style", MerchantKind.SHOP, "clothes", Text("Kiyim, poyabzal va uy uchun", "Одежда, обувь и вещи для дома", "Clothes, shoes and things for the home", "ملابس وأحذية ومستلزمات المنزل")),
    )  # fmt: skip
    merchants = [
        open_shop(
            username, name, kind, by_name[owner], description, BRANCHES if kind == MerchantKind.RESTAURANT else BRANCHES[:1]
        )
        for username, name, kind, owner, description in named
    ]  # fmt: skip
    MerchantStaff.objects.create(merchant=merchants[0], user=by_name["cook"], role=StaffRole.COOK)
    return merchants[0], merchants[1], merchants[2]


def _promotions(restaurant: Merchant) -> None:
    Promotion.objects.create(
        code="SALOM10", kind="percent", value=10, per_customer_limit=1, borne_by="platform",
        **Text("Birinchi buyurtmaga 10%", "10% на первый заказ", "10% off your first order", "خصم 10٪ على أول طلب").columns("name"),
    )  # fmt: skip
    Promotion.objects.create(
        merchant=restaurant, kind="free_delivery", minimum_subtotal=Decimal(100_000),
        **Text("100 000 so‘mdan bepul yetkazish", "Бесплатная доставка от 100 000", "Free delivery from 100,000", "توصيل مجاني من 100000").columns("name"),
    )  # fmt: skip
    rule = {"all": [{"field": "on_sale", "op": "eq", "value": True}]}
    Collection.objects.create(
        slug="on-sale", kind="rule", rule=rule,
        **Text("Chegirmalar", "Скидки", "On sale", "تخفيضات").columns("title"),
    )  # fmt: skip


def _open_window(report: Report, now: datetime) -> int:
    ids = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), 500):
        refresh_products(ids[start : start + 500], now=now)
        report("shop window", min(start + 500, len(ids)), len(ids))
    return len(ids)
