"""What has to happen inside Django: choosing what is asked for, filling carts, counting queries, changing the catalogue.

    python -m measuring.shop prepare|carts|count|churn <folder> [numbers]
    python -m measuring.shop goods <file> | lists <doors>

Requests are written one per line for `requests.lua`: method, path, cart id or bearer token, body, parted by tabs.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karvon.settings.production")

import django

django.setup()

import orjson  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import F, Sum  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from karvon.accounts.models import Role, User  # noqa: E402
from karvon.accounts.services import issue_tokens  # noqa: E402
from karvon.analytics.services import rebuild_all  # noqa: E402
from karvon.api.products.cursors import encode_cursor  # noqa: E402
from karvon.carts.owner import CartOwner  # noqa: E402
from karvon.carts.services import add_line  # noqa: E402
from karvon.catalog.models import Category, Product, Variant, WindowRow  # noqa: E402
from karvon.catalog.window import list_window  # noqa: E402
from karvon.catalog.window.query import WindowQuery  # noqa: E402
from karvon.catalog.window.writing import record_rating  # noqa: E402
from karvon.inventory.services import adjust_stock  # noqa: E402
from karvon.kernel.testing import drain_outbox  # noqa: E402
from karvon.orders.services import PlaceOrder, place_order  # noqa: E402
from karvon.payments.amounts import to_units  # noqa: E402
from karvon.payments.models import Payment, PaymentStatus  # noqa: E402
from karvon.payments.providers.razorpay import sign  # noqa: E402

PRODUCTS = "/api/v1/products/"
BODY = {
    "payment_method": "cash",
    "delivery_address": {"line1": "Amir Temur 1", "city": "Tashkent", "country": "UZ"},
    "contact": {"name": "Aziza", "phone": "+998901234567", "email": "aziza@example.com"},
}
UNITS = 1_000_000  # on hand of what is sold here, so that no run ends in a refusal
SELLER = "chorsu-electronics"
SOLD = 400  # different variants in the carts
# in four languages and two scripts, whole and begun, one word and two, right and by SKU or brand
SEARCHES = (
    "kettle", "nova keyboard", "клавиатура", "naushnik", "ko‘ylak", "футб", "هاتف", "Sirdaryo", "lumio laptop",
    "registan wear jeans", "osh", "смартфон volta", "t-shirt", "humo back", "qahva mashinasi", "palto",
)  # fmt: skip
COMMON = ("guarantee", "guarantee days", "гарантия", "electronics", "kafolat")
READS = (
    "list",
    "food-list",
    "store-list",
    "merchant-list",
    "detail",
    "deep",
    "filters",
    "search",
    "common",
    "facets",
    "suggestions",
    "cart",
    "add",
)
SHOWN = 100  # carts that are looked at
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL")


def prepare(folder: Path) -> None:
    """Write what is read: lists, details, filters, searches."""
    random = Random(1)
    ids = list(Product.objects.filter(window__is_visible=True).order_by("pk").values_list("pk", flat=True))
    picked = random.sample(ids, min(1000, len(ids)))
    _write(folder, "list", [PRODUCTS])
    _write(folder, "detail", [f"{PRODUCTS}{pk}/" for pk in picked])
    _write(folder, "plain-list", ["/products/"])
    _write(folder, "plain-detail", [f"/products/{pk}/" for pk in picked])
    _write(folder, "food-list", ["/api/products/"])
    _write(folder, "store-list", ["/store/products/"])
    owner = User.objects.get(owned_merchants__username=SELLER)
    token = f"Bearer {issue_tokens(user=owner).access}"
    _write_lines(folder, "merchant-list", [_line("GET", "/api/merchant/products", cart=token)])
    _write(folder, "deep", _deep(len(ids)))
    _write(folder, "filters", _filters())
    _write(folder, "search", [f"{PRODUCTS}?search={_quote(word)}" for word in SEARCHES])
    _write(folder, "common", [f"{PRODUCTS}?search={_quote(word)}" for word in COMMON])
    _write(folder, "facets", [f"{path}&facets=1" for path in (f"{PRODUCTS}?page=1", *_filters()[:4])])
    _write(folder, "suggestions", [f"/api/v1/search/suggestions/?q={_quote(w[:4])}" for w in SEARCHES])
    _restock(_goods())
    adds = [{"variant_id": pk, "quantity": 1} for pk in _goods()]
    _write_lines(folder, "add", [_line("POST", "/api/v1/cart/add/", body=body) for body in adds])
    pairs = [(one, two) for one, two in zip(_goods()[::2], _goods()[1::2], strict=False)]
    lines = (f"{one}\t{two}\t{orjson.dumps(BODY).decode()}" for one, two in pairs)
    (folder / "journey").write_text("\n".join(lines) + "\n")


def carts(folder: Path, rounds: int, number: int) -> None:
    """Fill carts with two lines each: some to be looked at, and for every round some to be ordered."""
    goods = _goods()
    shown = [_cart(goods, at) for at in range(SHOWN)]
    _write_lines(folder, "cart", [_line("GET", "/api/v1/cart/", cart=key) for key in shown])
    for turn in range(rounds):
        made = [_cart(goods, at) for at in range(number)]
        lines = [_line("POST", "/api/v1/orders/", cart=key, body=BODY) for key in made]
        _write_lines(folder, f"checkout-{turn}", lines)


def _cart(goods: list[int], at: int) -> str:
    return str(_fill_cart(goods, at).cart_id or "")


def _fill_cart(goods: list[int], at: int) -> CartOwner:
    place = 2 * at % len(goods)
    cart = add_line(CartOwner(), variant_id=goods[place])
    cart = add_line(cart.owner, variant_id=goods[place + 1], quantity=2)
    return CartOwner(cart_id=cart.snapshot.cart_id if cart.snapshot else None)


def callbacks(folder: Path, rounds: int, number: int) -> None:
    """Orders that wait for a payment, and for every round the events that tell of their money; one that is always the same."""
    _restock(_goods())
    goods = _goods()
    for turn in range(rounds):
        lines = [_callback(_unpaid(goods, at)) for at in range(number)]
        _write_lines(folder, f"callback-{turn}", lines)
    _write_lines(folder, "callback-again", lines[:1])


def _unpaid(goods: list[int], at: int) -> Payment:
    order = place_order(
        command=PlaceOrder(
            owner=_fill_cart(goods, at), customer=None, payment_method="razorpay", delivery_type="delivery",
            contact_name="Aziza", contact_phone="+998901234567", contact_email="aziza@example.com",
            delivery_address={"line1": "Amir Temur 1", "city": "Tashkent"},
        )
    ).order  # fmt: skip
    return Payment.objects.create(
        order_id=order.pk, provider="razorpay", amount=order.total, currency=order.currency,
        state=PaymentStatus.PENDING, reference=f"order_{order.pk}",
    )  # fmt: skip


def _callback(payment: Payment) -> str:
    """Razorpay's payment.captured."""
    entity = {
        "id": f"pay_{payment.pk}", "entity": "payment", "order_id": payment.reference, "status": "captured", "captured": True,
        "amount": to_units(payment.amount, payment.currency), "currency": payment.currency, "method": "upi",
        "created_at": int(time.time()),
    }  # fmt: skip
    body = orjson.dumps(
        {
            "entity": "event", "event": "payment.captured", "contains": ["payment"],
            "payload": {"payment": {"entity": entity}}, "created_at": int(time.time()),
        }
    )  # fmt: skip
    signature = sign(os.environ["RAZORPAY_WEBHOOK_SECRET"], body.decode())
    headers = f"X-Razorpay-Signature: {signature}|x-razorpay-event-id: event_{payment.pk}"
    return "\t".join(("POST", "/api/v1/payments/callbacks/razorpay/", headers, body.decode()))


def count(folder: Path) -> None:
    """Print as JSON how many statements each kind of request sends at most, transactions' own left out."""
    setup_test_environment()
    settings.ALLOWED_HOSTS = ["testserver"]
    most = {name: max(map(_statements, (folder / name).read_text().splitlines()[:30])) for name in READS}
    orders = [_line("POST", "/api/v1/orders/", cart=_cart(_goods(), at), body=BODY) for at in range(3)]
    most["checkout"] = max(map(_statements, orders))
    sys.stdout.write(f"RESULT {orjson.dumps(most).decode()}\n")


def churn(folder: Path, number: int) -> None:
    """Until somebody ends this: ratings change `number` times a second, so what is known of lists grows old."""
    rows = list(WindowRow.objects.filter(is_visible=True).values_list("product_id", "reviews_count")[:100])
    products = Product.objects.in_bulk([pk for pk, _ in rows])
    at = 0
    while (folder / "churn").exists():
        product = products[rows[at % len(rows)][0]]
        with transaction.atomic():
            record_rating(product.pk, product.rating_sum, product.reviews_count)
        at += 1
        time.sleep(1 / number)


def goods(file: Path) -> None:
    """Write what a crowd may buy, as JSON: [product, variant] pairs of one shop, with as much on the shelf as it likes."""
    ids = _goods()
    _restock(ids)
    rows = Variant.objects.filter(pk__in=ids).order_by("product_id", "-position")
    by_product = dict(rows.values_list("product_id", "pk"))  # the first variant of each
    file.write_bytes(orjson.dumps(list(by_product.items())))


def lists(doors: Path) -> None:
    """Print as JSON how many statements one product list sends at each of these doors."""
    setup_test_environment()
    settings.ALLOWED_HOSTS = ["testserver"]
    paths = {"v1": PRODUCTS, "store": "/store/products/"}
    counted = {door: _statements(_line("GET", paths[door])) for door in str(doors).split(",")}
    sys.stdout.write(f"RESULT {orjson.dumps(counted).decode()}\n")


def settle(_folder: Path) -> None:
    """Do what relay and workers, which do not run here, would have done with the orders' news; count older homes anew."""
    drain_outbox()
    rebuild_all()


def _statements(line: str) -> int:
    method, path, cart, body = line.split("\t")
    headers = _headers(cart)
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        answer = client.generic(method, path, body.encode(), "application/json", **headers)
    if answer.status_code not in (200, 201):
        raise SystemExit(f"{method} {path} answered {answer.status_code}: {answer.content[:500]!r}")
    return sum(not (each["sql"] or "").startswith(TRANSACTION) for each in queries)


def _headers(text: str) -> dict[str, str]:
    if ": " in text:
        pairs = (each.split(": ", 1) for each in text.split("|"))
        return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in pairs}
    name = "HTTP_AUTHORIZATION" if text.startswith("Bearer ") else "HTTP_X_CART_ID"
    return {name: text} if text else {}


def count_callbacks(folder: Path) -> None:
    """Print how many statements an event with a payment's money sends, and one that is known."""
    setup_test_environment()
    settings.ALLOWED_HOSTS = ["testserver"]
    lines = [_callback(_unpaid(_goods(), at)) for at in range(4)]
    _statements(lines[0])  # what a process asks once
    counted = [max(map(_statements, lines[1:])), _statements(lines[1])]
    sys.stdout.write(f"RESULT {orjson.dumps(counted).decode()}\n")


def _deep(count: int) -> list[str]:
    """Pages by cursor from a tenth to nine tenths of the whole list."""
    paths = []
    for tenth in range(1, 10):
        query = WindowQuery(offset=count * tenth // 10)
        cursor = encode_cursor(query, list_window(query).last)
        paths.append(f"{PRODUCTS}?cursor={cursor}")
    return paths


def _filters() -> list[str]:
    leaf = Category.objects.get(slug="keyboards").pk
    asked = (
        f"category={leaf}", "category=clothes", "merchant=atlas-style&ordering=price", "in_stock=1&price_max=200000",
        "attr_colour=black&attr_colour=blue", f"category={leaf}&attr_colour=white&ordering=-price",
        "category=electronics&price_min=1000000&price_max=3000000", "collection=on-sale", "rating_min=4&ordering=-rating",
        "attr_size=xl&category=t-shirts&in_stock=true", "ordering=title", "merchant=registon&category=food",
    )  # fmt: skip
    return [f"{PRODUCTS}?{each}" for each in asked]


def _goods() -> list[int]:
    """Variants of one shop, the same ones in every run."""
    rows = Variant.objects.filter(product__merchant__username=SELLER, is_active=True)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:SOLD])


def _restock(variant_ids: Iterable[int]) -> None:
    admin = User.objects.filter(role=Role.ADMIN).first()
    ids = list(variant_ids)
    known = Variant.objects.filter(pk__in=ids).annotate(units=Sum(F("stock_levels__on_hand")))
    for variant in known:
        if (variant.units or 0) < UNITS // 2:
            adjust_stock(variant_id=variant.pk, on_hand=UNITS, reason="benchmark", actor=admin)


def _quote(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


def _line(method: str, path: str, *, cart: str = "", body: object = None) -> str:
    return "\t".join((method, path, cart, "" if body is None else orjson.dumps(body).decode()))


def _write(folder: Path, name: str, paths: Iterable[str]) -> None:
    _write_lines(folder, name, [_line("GET", path) for path in paths])


def _write_lines(folder: Path, name: str, lines: Iterable[str]) -> None:
    (folder / name).write_text("\n".join(lines) + "\n")


COMMANDS: dict[str, Callable[..., None]] = {
    "prepare": prepare, "carts": carts, "callbacks": callbacks, "count": count, "count_callbacks": count_callbacks,
    "churn": churn, "goods": goods, "lists": lists, "settle": settle,
}  # fmt: skip

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))
