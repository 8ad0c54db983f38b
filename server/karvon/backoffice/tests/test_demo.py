"""The demo town: the same for the same seed, whole or not at all, and with books that agree."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Count, F, Max, Min, Q
from rest_framework.test import APIClient

from karvon.accounts.models import Address, User
from karvon.backoffice.demo import menu, town
from karvon.backoffice.demo.calendar import draw_moments
from karvon.backoffice.demo.people import PASSWORD
from karvon.backoffice.demo.town import TownSize, build_town
from karvon.catalog.models import (
    CatalogJob,
    Category,
    Favourite,
    Product,
    ProductImage,
    Variant,
    WindowRow,
)
from karvon.inventory.models import Reservation, StockLevel, StockMovement
from karvon.kernel.languages import LANGUAGES
from karvon.kernel.models import OutboxEvent
from karvon.ledger.models import Payout
from karvon.media.events import AssetStored
from karvon.media.models import Asset, AssetState
from karvon.merchants.models import Branch, KycDocument, Merchant, StaffInvitation
from karvon.merchants.selectors import open_document, role_of
from karvon.notifications.selectors import inbox_of
from karvon.orders.books import verify_books
from karvon.orders.models import Fulfilment, Order, OrderEvent, OrderLine, OrderState
from karvon.orders.states import MACHINES
from karvon.reviews.models import Review
from karvon.settings.env import ROOT

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
SMALL = TownSize(electronics=26, customers=12, orders=60)


def quietly(what: str, done: int, total: int) -> None:
    """Nobody watches the progress of a test."""


@pytest.fixture(scope="module")
def small_town(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One town for all tests that only look at it; taken down at the end of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        build_town(report=quietly, size=SMALL, now=NOW)
        yield
        transaction.set_rollback(True)


def digest() -> str:
    """What a town consists of, without keys, tokens and the moments at which rows were written."""
    facts: list[Any] = [
        list(User.objects.order_by("username").values_list("username", "email", "phone", "role", "language")),
        list(Address.objects.order_by("user__username", "label").values_list("user__username", "line1", "latitude")),
        list(Product.objects.order_by("slug").values_list("slug", "title_uz", "title_ar", "description_ru", "created_at", "rating_sum", "sold_count")),
        list(Variant.objects.order_by("sku").values_list("sku", "price", "compare_at_price", "attribute_values__choice__code")),
        list(StockLevel.objects.order_by("variant__sku", "branch__name_en").values_list("variant__sku", "branch__name_en", "on_hand")),
        list(Order.objects.order_by("number").values_list("number", "customer__username", "state", "total", "placed_at", "delivery_address__line1")),
        list(OrderLine.objects.order_by("order__number", "position").values_list("order__number", "title", "quantity", "unit_price")),
        list(OrderEvent.objects.order_by("order__number", "at", "to_state").values_list("order__number", "to_state", "at", "actor__username")),
        list(Review.objects.order_by("product__slug", "user__username").values_list("product__slug", "user__username", "rating", "comment", "reply", "created_at")),
        list(Favourite.objects.order_by("user__username", "product__slug").values_list("user__username", "product__slug")),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()


@pytest.mark.django_db
def test_a_town_is_built_once_and_the_same_seed_gives_the_same_town() -> None:
    with transaction.atomic():
        assert build_town(report=quietly, size=SMALL, now=NOW) > 0
        before = digest()

        assert build_town(report=quietly, size=SMALL, seed=8, now=NOW) == 0
        output = io.StringIO()
        call_command("seed_demo", stdout=output)

        assert "stands already" in output.getvalue()
        assert digest() == before
        transaction.set_rollback(True)
    with transaction.atomic():
        build_town(report=quietly, size=SMALL, now=NOW)
        assert digest() == before
        transaction.set_rollback(True)
    build_town(report=quietly, size=SMALL, seed=8, now=NOW)
    assert digest() != before


def test_the_scale_is_a_number_of_times() -> None:
    with pytest.raises(CommandError):
        call_command("seed_demo", "--scale", "0")


@pytest.mark.django_db
def test_a_run_that_breaks_leaves_nothing_and_may_start_again() -> None:
    class Broken(Exception):
        pass

    def breaks(what: str, done: int, total: int) -> None:
        if what == "shop window":
            raise Broken

    with pytest.raises(Broken):
        build_town(report=breaks, size=SMALL, now=NOW)

    for model in (User, Merchant, Category, Product, Order, Asset, StockMovement, CatalogJob):
        assert not model.objects.exists()
    assert build_town(report=quietly, size=SMALL, now=NOW) == Product.objects.count() > 0


@pytest.mark.usefixtures("small_town", "db")
class TestTown:
    def test_the_books_agree(self) -> None:
        assert verify_books() == []

    def test_five_merchants_and_a_tree_of_three_levels(self) -> None:
        branches = dict(Merchant.objects.annotate(count=Count("branches")).values_list("username", "count"))
        assert branches == {
            "registon": 5, "chorsu-electronics": 1, "atlas-style": 1, "samarqand-books": 1, "eski-shahar": 1,
        }  # fmt: skip
        assert set(Branch.objects.values_list("city", flat=True)) == {"Tashkent"}
        leaves = Category.objects.filter(children=None).with_tree_fields()
        assert {leaf.tree_depth + 1 for leaf in leaves} == {3}
        assert not leaves.filter(products=None).exists()
        size = TownSize()
        assert size.electronics + len(menu.dishes()) + 51 >= 1_200
        assert (size.customers, size.orders) == (200, 2_000)

    def test_every_product_speaks_four_languages_and_has_a_picture_and_stock(self) -> None:
        for field in ("title", "description"):
            for language in LANGUAGES:
                assert not Product.objects.filter(**{f"{field}_{language}": ""}).exists()
        assert not Product.objects.exclude(pk__in=ProductImage.objects.values("product")).exists()
        assert not OrderLine.objects.filter(image="").exists()
        assert not Variant.objects.exclude(pk__in=StockLevel.objects.values("variant")).exists()
        assert WindowRow.objects.filter(is_visible=True).count() == Product.objects.count()

    def test_clothes_came_through_the_import(self) -> None:
        jobs = CatalogJob.objects.order_by("id").values_list(
            "format", "state", "products_created", "rows_done", "rows_refused"
        )
        assert list(jobs) == [("shopify", "done", 17, 78, 0), ("vendure", "done", 34, 54, 0)]
        hoodie = Product.objects.get(merchant__username="atlas-style", handle="black-hoodie")
        assert [node.slug for node in hoodie.category.ancestors(include_self=True)] == [
            "fashion-and-home", "clothes", "hoodies",
        ]  # fmt: skip
        sizes = hoodie.variants.values_list("attribute_values__choice__label_ru", flat=True)
        assert list(sizes) == ["S", "M", "L", "XL", "XXL"]
        assert not Category.objects.filter(slug__startswith="category").exists()

    def test_gadgets_have_variants_and_dishes_have_questions(self) -> None:
        phone = Product.objects.filter(category__slug="phones").first()
        assert phone is not None
        assert phone.variants.values("sku", "price").distinct().count() == 3
        asked = Product.objects.filter(merchant__username="registon", modifier_links__isnull=False)
        assert asked.distinct().count() > 40
        assert OrderLine.objects.filter(modifiers__contains=[{"price_delta": "5000.00"}]).exists()

    def test_orders_follow_the_roads_of_their_flows(self) -> None:
        steps: dict[int, list[OrderEvent]] = {}
        for event in OrderEvent.objects.order_by("id"):
            steps.setdefault(event.order_id, []).append(event)
        for part in Fulfilment.objects.select_related("order"):
            placed, *moves = steps[part.order_id]
            assert (placed.kind, moves[-1].to_state) == ("placed", part.state)
            for before, move in zip([placed, *moves], moves, strict=False):
                MACHINES[part.flow].check(before.to_state, move.to_state, move.actor_role)
                assert before.at <= move.at <= NOW
        sales = StockMovement.objects.filter(kind="sale")
        assert sales.count() == Reservation.objects.count() > 0
        assert not sales.exclude(order_id__in=Order.objects.values("id")).exists()

    def test_nothing_is_older_than_ninety_days_or_newer_than_now(self) -> None:
        span = Order.objects.aggregate(first=Min("placed_at"), last=Max("placed_at"))
        assert NOW - timedelta(days=90) <= span["first"] < span["last"] < NOW
        assert not Review.objects.filter(Q(created_at__gt=NOW) | Q(replied_at__lt=F("created_at"))).exists()
        assert Review.objects.filter(is_verified=True).count() == Review.objects.count() > 0

    @pytest.mark.parametrize("name", ["admin", "merchant", "staff", "customer", "courier"])
    def test_demo_accounts_log_in(self, name: str) -> None:
        answer = APIClient().post(
            "/api/v1/auth/jwt/create/",
            {"email": f"{name}@karvon.example", "password": PASSWORD},
            format="json",
        )
        assert answer.status_code == 200, answer.content

    def test_the_demo_merchant_has_orders_to_advance(self) -> None:
        board = Fulfilment.objects.filter(merchant__owner__username="merchant").exclude(
            state__in=[OrderState.DELIVERED, OrderState.CANCELLED]
        )
        states = Counter(board.values_list("state", flat=True))
        assert states == {"confirmed": 3, "preparing": 2, "ready": 2, "out_for_delivery": 1}
        owner = User.objects.get(username="merchant")
        part = board.filter(state=OrderState.CONFIRMED)[0]
        client = APIClient()
        client.force_authenticate(owner)

        answer = client.post(f"/api/v1/fulfilments/{part.pk}/transition/", {"to": "preparing"}, format="json")

        assert answer.status_code == 200, answer.content
        part.refresh_from_db()
        assert part.state == OrderState.PREPARING

    def test_papers_are_there_in_every_state_and_can_be_opened(self) -> None:
        states = Merchant.objects.values_list("username", "kyc_status", "state")
        assert {name: (papers, state) for name, papers, state in states} == {
            "registon": ("approved", "active"), "chorsu-electronics": ("rejected", "active"),
            "atlas-style": ("pending", "active"), "samarqand-books": ("not_submitted", "active"),
            "eski-shahar": ("approved", "suspended"),
        }  # fmt: skip
        staff = User.objects.get(username="staff")
        for each in KycDocument.objects.all():
            found, file = open_document(staff, each.merchant_id, each.pk)
            with file:
                assert file.read(4) in {b"%PDF", b"\x89PNG", b"\xff\xd8\xff\xe0", b"RIFF"}, found.name
        assert KycDocument.objects.count() == 8

    def test_invitations_payouts_and_messages(self) -> None:
        offers = Counter(StaffInvitation.objects.values_list("state", flat=True))
        assert offers == {"pending": 2, "accepted": 1, "revoked": 1}
        cashier = User.objects.get(username="cashier")
        assert role_of(cashier, Merchant.objects.get(username="registon").pk) == "cashier"
        assert {"paid", "draft"} <= set(Payout.objects.values_list("state", flat=True))
        for name, titles in (
            ("customer", ["SALOM10", "Navro‘z"]),
            ("merchant", ["New statistics", "Navro‘z"]),
        ):
            inbox = inbox_of(User.objects.get(username=name))
            assert [each.notification.title for each in inbox] == titles

    def test_the_guide_names_every_account(self) -> None:
        guide = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
        for name in User.objects.filter(email__endswith="@karvon.example").values_list("username", flat=True):
            assert f"`{name}@karvon.example`" in guide

    def test_the_demo_customer_has_a_life(self) -> None:
        customer = User.objects.get(username="customer")
        assert customer.addresses.count() == 2
        assert Favourite.objects.filter(user=customer).count() == 6
        states = set(customer.orders.values_list("state", flat=True))
        assert {"delivered", "confirmed", "preparing"} <= states

    def test_the_customer_may_take_an_open_order_back(self) -> None:
        order = Order.objects.filter(customer__username="customer", state=OrderState.CONFIRMED)[0]
        line = order.lines.first()
        assert line is not None
        level = StockLevel.objects.get(variant=line.variant, branch=order.fulfilments.get().branch)
        client = APIClient()
        client.force_authenticate(order.customer)

        answer = client.post(f"/api/v1/orders/{order.pk}/cancel/", {}, format="json")

        assert answer.status_code == 200, answer.content
        before = level.on_hand
        level.refresh_from_db()
        assert level.on_hand == before + line.quantity
        assert verify_books() == []

    def test_pictures_are_announced_to_the_worker(self) -> None:
        announced = OutboxEvent.objects.filter(type=AssetStored.TYPE).values_list("payload", flat=True)
        assert {payload["asset_id"] for payload in announced} == set(
            Asset.objects.values_list("pk", flat=True)
        )
        assert Asset.objects.filter(state=AssetState.PENDING).count() > 60


def test_orders_have_the_shape_of_weeks_and_meal_times() -> None:
    moments = draw_moments(4_000, town.Random(1), NOW)

    local = [moment + timedelta(hours=5) for moment in moments]
    weekdays = Counter(moment.weekday() for moment in local)
    hours = Counter(moment.hour for moment in local)
    assert weekdays[5] > 1.4 * weekdays[0]
    assert hours[13] > 2 * hours[16] > 0
    assert hours[20] > 2 * hours[16]
    assert hours[3] == hours[5] == 0
