"""Builds the whole town in one transaction: a broken run leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from karvon.accounts.models import Address, Role, User
from karvon.backoffice.demo.goods import (
    CLOTHES,
    CLOTHES_BRANDS,
    ELECTRONICS,
    ELECTRONICS_BRANDS,
    Good,
    build_goods,
)
from karvon.backoffice.demo.history import write_orders, write_reviews
from karvon.backoffice.demo.menu import dishes
from karvon.backoffice.demo.shelves import (
    Item,
    dish_item,
    goods_text,
    stock_shelves,
    write_attributes,
    write_questions,
)
from karvon.backoffice.demo.texts import Text
from karvon.backoffice.demo.tree import TREE, Node
from karvon.catalog.models import Category, Collection, Product, ProductKind, Variant
from karvon.catalog.window import refresh_products
from karvon.kernel import clock
from karvon.media.selectors import PLATFORM
from karvon.media.services import store_image
from karvon.merchants.models import Branch, Merchant, MerchantKind, MerchantStaff, StaffRole
from karvon.promotions.models import Promotion

PASSWORD = "karvon-demo"  # noqa: S105 - printed on the demo's banner
ASSETS = Path(__file__).parent / "assets"
MARK = "registon"
Report = Callable[[str, int, int], None]
FIRST = (
    "Aziz",
    "Dilnoza",
    "Jasur",
    "Malika",
    "Rustam",
    "Nigora",
    "Timur",
    "Zarina",
    "Bekzod",
    "Kamola",
    "Otabek",
    "Sevara",
)
LAST = ("Karimov", "Rahimova", "Yusupov", "Saidova", "Nazarov", "Ergasheva", "Tursunov", "Olimova")
BRANCHES = (("Chilonzor", 41.2756, 69.2034), ("Yunusobod", 41.3647, 69.2888), ("Mirobod", 41.2929, 69.2751),
            ("Sergeli", 41.2264, 69.2186), ("Olmazor", 41.3450, 69.2120))  # fmt: skip


def is_built() -> bool:
    """Whether the town stands already."""
    return Merchant.objects.filter(username=MARK).exists()


@transaction.atomic
def build_town(*, scale: int = 1, seed: int = 7, report: Report, now: datetime | None = None) -> int:
    """Build everything; returns the number of products. `scale` multiplies the shops' goods."""
    random, now = Random(seed), now or clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    people = _people(random)
    categories = _categories(TREE, None)
    pictures = _pictures(report)
    write_attributes()
    restaurant, shops = _merchants(people)
    menu = dishes()
    food = stock_shelves(
        restaurant,
        list(restaurant.branches.all()),
        [dish_item(dish, categories[dish.category]) for dish in menu],
        pictures=pictures, random=random, now=now,
    )  # fmt: skip
    write_questions(restaurant, menu, {product.handle: product for product in restaurant.products.all()})
    sellers: list[tuple[Merchant, list[Branch], list[Variant]]] = [
        (restaurant, list(restaurant.branches.all()), _with_products(food))
    ]
    for shop, kinds, brands in (
        (shops[0], ELECTRONICS, ELECTRONICS_BRANDS),
        (shops[1], CLOTHES, CLOTHES_BRANDS),
    ):
        branches = list(shop.branches.all())
        items = [_item(good, categories) for good in build_goods(kinds, brands, 560 * scale, random)]
        variants: list[Variant] = []
        for start in range(0, len(items), 5000):
            report("goods", start, len(items))
            chunk = items[start : start + 5000]
            variants += stock_shelves(shop, branches, chunk, pictures=pictures, random=random, now=now)
        sellers.append((shop, branches, _with_products(variants[:3000])))
    _promotions(restaurant, shops)
    customers = [person for person in people if person.role == Role.CUSTOMER]
    report("orders", 0, 2000)
    write_orders(sellers, customers, count=2000, random=random, now=now)
    write_reviews(count=900, random=random, now=now)
    return _open_window(report, now)


def _with_products(variants: list[Variant]) -> list[Variant]:
    products = Product.objects.in_bulk({variant.product_id for variant in variants})
    for variant in variants:
        variant.product = products[variant.product_id]
    return variants


def _item(good: Good, categories: dict[str, int]) -> Item:
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


def _people(random: Random) -> list[User]:
    password = make_password(PASSWORD)
    staff = (("admin", Role.ADMIN, True), ("merchant", Role.MERCHANT, False), ("staff", Role.STAFF, False),
             ("customer", Role.CUSTOMER, False), ("courier", Role.COURIER, False), ("electronics", Role.MERCHANT, False),
             ("clothes", Role.MERCHANT, False), ("cook", Role.MERCHANT_STAFF, False))  # fmt: skip
    rows = [
        User(username=name, email=f"{name}@karvon.example", role=role, is_superuser=is_super, password=password,
             first_name=name.title(), is_email_verified=True)
        for name, role, is_super in staff
    ]  # fmt: skip
    for number in range(199):
        first, last = random.choice(FIRST), random.choice(LAST)
        rows.append(
            User(username=f"{first}.{last}.{number}".lower(), email=f"{first}.{last}.{number}@example.com".lower(),
                 phone=f"+99890{1_000_000 + number * 37:07d}", first_name=first, last_name=last, password=password,
                 language=random.choices(("uz", "ru", "en", "ar"), (5, 3, 1, 1))[0])
        )  # fmt: skip
    people = User.objects.bulk_create(rows)
    customer = next(each for each in people if each.username == "customer")
    Address.objects.create(
        user=customer,
        label="Home",
        line1="Amir Temur 15",
        city="Tashkent",
        phone="+998901234567",
        is_default=True,
    )
    return people


def _categories(nodes: tuple[Node, ...], parent: Category | None) -> dict[str, int]:
    found = {}
    for position, node in enumerate(nodes):
        row = Category.objects.create(
            slug=node.slug, parent=parent, position=position, **node.name.columns("name")
        )
        found[node.slug] = row.pk
        found |= _categories(node.children, row)
    return found


def _pictures(report: Report) -> dict[str, int]:
    files = sorted(ASSETS.rglob("*.webp"))
    found = {}
    for number, file in enumerate(files):
        report("pictures", number, len(files))
        with file.open("rb") as data:
            found[file.stem] = store_image(data=data, file_name=file.name, owner_ref=PLATFORM, actor=None).pk
    return found


def _merchants(people: list[User]) -> tuple[Merchant, list[Merchant]]:
    by_name = {person.username: person for person in people}
    named = (
        (MARK, "Registon Oshxona", MerchantKind.RESTAURANT, "merchant", Text("Besh filialli oshxona", "Сеть кухонь в Ташкенте", "A kitchen with five branches in Tashkent", "مطبخ بخمسة فروع في طشقند")),
        ("chorsu-electronics", "Chorsu Electronics", MerchantKind.SHOP, "electronics", Text("Elektronika do‘koni", "Магазин электроники", "Electronics for home and work", "متجر إلكترونيات")),
        ("atlas-style", "Atlas Style", MerchantKind.SHOP, "clothes", Text("Kiyim do‘koni", "Магазин одежды", "Clothes for every day", "متجر ملابس")),
    )  # fmt: skip
    merchants = []
    for username, name, kind, owner, description in named:
        merchant = Merchant.objects.create(
            owner=by_name[owner], username=username, name=name, kind=kind, currency="UZS",
            email=f"{owner}@karvon.example", **description.columns("description"),
        )  # fmt: skip
        merchants.append(merchant)
        for number, (place, latitude, longitude) in enumerate(
            BRANCHES if kind == "restaurant" else BRANCHES[:1]
        ):
            Branch.objects.create(
                merchant=merchant, is_default=number == 0, city="Tashkent", latitude=latitude, longitude=longitude,
                delivery_fee=Decimal(12_000), free_delivery_from=Decimal(150_000),
                **Text(*[place] * 4).columns("name"), **Text(*[f"{place} 1"] * 4).columns("address"),
            )  # fmt: skip
    MerchantStaff.objects.create(merchant=merchants[0], user=by_name["cook"], role=StaffRole.COOK)
    return merchants[0], merchants[1:]


def _promotions(restaurant: Merchant, shops: list[Merchant]) -> None:
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
        report("shop window", start, len(ids))
        refresh_products(ids[start : start + 500], now=now)
    return len(ids)
