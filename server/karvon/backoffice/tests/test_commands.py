"""The commands that fill, check, warm, inspect and try a shop."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from karvon.accounts.models import Role, User
from karvon.backoffice.demo.growing import LEAST_PRODUCTS, fill_town
from karvon.catalog.models import Product, WindowBody, WindowRow
from karvon.catalog.services import set_product_state
from karvon.catalog.tests.factories import make_product
from karvon.catalog.window import refresh_products
from karvon.inventory.tests.factories import make_variant
from karvon.kernel.probes import answer
from karvon.notifications.tests.mailserver import mail_server
from karvon.orders.books import verify_books
from karvon.orders.models import Order, OrderEvent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
SIZE = {"products": LEAST_PRODUCTS, "customers": 6, "orders": 20}


def run(name: str, *arguments: str) -> str:
    output = io.StringIO()
    quiet = ("--quiet",) if name in ("seed_db", "create_test_data", "check_test_data", "warm_cache") else ()
    call_command(name, *arguments, *quiet, stdout=output)
    return output.getvalue()


def figures(name: str, *arguments: str) -> Any:
    return json.loads(run(name, "--json", *arguments))


def refused(name: str, *arguments: str) -> str:
    """What an exit code of 1 says."""
    with pytest.raises(CommandError) as caught:
        run(name, *arguments)
    return str(caught.value)


def as_arguments(**size: int) -> list[str]:
    return [text for name, count in size.items() for text in (f"--{name}", str(count))]


def counts() -> tuple[int, int, int]:
    return (
        Product.objects.count(),
        User.objects.filter(role=Role.CUSTOMER).count(),
        Order.objects.count(),
    )


def quietly(what: str, done: int, total: int) -> None:
    """Nobody watches the progress of a test."""


@pytest.fixture(scope="class")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Each test changes it inside a savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill_town(**SIZE, seed=7, report=quietly)
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("town")
class TestTown:
    def test_a_town_of_the_size_asked_for_is_whole(self) -> None:
        assert counts() == tuple(SIZE.values())

        said = figures("check_test_data", *as_arguments(**SIZE))

        assert said["problems"] == []
        assert said["counts"]["products"] == LEAST_PRODUCTS
        assert {"merchants": 5, "customers": 6, "orders": 20}.items() <= said["counts"].items()

    def test_seeding_again_adds_what_is_missing_and_takes_nothing_away(self) -> None:
        assert figures("seed_db", *as_arguments(**SIZE)) == {"products": 0, "customers": 0, "orders": 0}
        larger = {"products": LEAST_PRODUCTS + 15, "customers": 9, "orders": 32}

        assert figures("seed_db", *as_arguments(**larger)) == {"products": 15, "customers": 3, "orders": 12}

        assert counts() == tuple(larger.values())
        assert figures("seed_db", *as_arguments(**SIZE)) == {"products": 0, "customers": 0, "orders": 0}
        assert figures("check_test_data", *as_arguments(**larger))["problems"] == []
        new = Product.objects.order_by("-pk").first()
        assert new is not None
        assert new.images.exists()
        assert WindowRow.objects.get(pk=new.pk).is_visible

    def test_test_data_come_on_top_and_keep_the_books(self) -> None:
        for _run in range(2):
            added = figures("create_test_data", *as_arguments(products=14, customers=3, orders=10))
            assert added == {"products": 14, "customers": 3, "orders": 10}

        products, customers, orders = counts()
        assert (products, customers, orders) == (LEAST_PRODUCTS + 28, 12, 40)
        assert verify_books() == []
        assert figures("check_test_data")["problems"] == []
        assert Order.objects.filter(fulfilments__merchant__username="test-data").count() == 20
        assert not any(
            each.has_usable_password() for each in User.objects.filter(role=Role.CUSTOMER).order_by("-pk")[:6]
        )

    def test_what_is_broken_is_named(self) -> None:
        orphan, stale = Product.objects.order_by("pk")[:2]
        WindowBody.objects.filter(product=orphan, language="ru").delete()
        Product.objects.filter(pk=stale.pk).update(title_en="Renamed by hand")
        OrderEvent.objects.filter(order=Order.objects.first()).delete()
        output = io.StringIO()

        with pytest.raises(CommandError):
            call_command("check_test_data", "--json", "--quiet", "--orders", "21", stdout=output)

        problems = {each["rule"]: each["examples"] for each in json.loads(output.getvalue())["problems"]}
        assert problems == {
            "at least 21 orders": ["there are 20"],
            "orders have a timeline": [str(Order.objects.first().pk)],  # type: ignore[union-attr]
            "every product has its window in every language": [str(orphan.pk)],
            "the shop window says what the tables say": [str(stale.pk)],
        }

    def test_the_window_is_faster_than_the_tables(self) -> None:
        told = figures("test_cache_performance", "--iterations", "5")

        assert [each["what"] for each in told["timings"]] == ["list of 20", "page"]
        assert all(each["ratio"] > 1 for each in told["timings"])
        assert "×" in run("test_cache_performance", "--iterations", "1")


def test_sizes_that_make_no_sense_and_shops_that_are_no_demo_are_refused(settings: Any) -> None:
    for arguments in (["--products", "3"], ["--customers", "1"], ["--orders", "-1"]):
        refused("seed_db", *arguments)
    refused("create_test_data")
    refused("create_test_data", "--products", "-1")
    refused("create_test_data", "--orders", "3")
    settings.KARVON_DEMO = False

    assert "KARVON_DEMO" in refused("seed_db")
    assert "KARVON_DEMO" in refused("create_test_data", "--products", "1")

    assert counts() == (0, 0, 0)
    assert figures("create_test_data", "--products", "1", "--force")["products"] == 1


def test_test_data_in_an_empty_shop() -> None:
    figures("create_test_data", *as_arguments(products=13, customers=2, orders=4))

    assert counts() == (13, 2, 4)
    assert figures("check_test_data")["problems"] == []


def test_warming_makes_what_is_missing_or_stale_and_nothing_else() -> None:
    missing, stale, right = (make_product(title=f"Tea {number}") for number in range(3))
    WindowRow.objects.filter(pk=missing.pk).delete()
    Product.objects.filter(pk=stale.pk).update(title_en="Coffee")
    untouched = WindowBody.objects.get(product=right, language="en").pk
    cache.set("a", 1)
    assert "warm_cache" in refused("inspect_cache")

    told = figures("warm_cache")

    assert (told["products"], told["rebuilt"]) == (3, 2)
    assert told["bytes_read"] > 1000
    assert told["lists_read"] > 10
    assert b"Coffee" in bytes(WindowBody.objects.get(product=stale, language="en").list_body)
    assert WindowRow.objects.get(pk=missing.pk).is_visible
    assert WindowBody.objects.get(product=right, language="en").pk == untouched
    assert figures("warm_cache")["rebuilt"] == 0
    assert cache.get("a") == 1


def test_clearing_first_makes_everything_anew() -> None:
    product = make_product()
    before = WindowBody.objects.get(product=product, language="en").pk
    gone = WindowBody.objects.create(product=product, language="xx", list_body=b"{}", detail_body=b"{}")
    cache.set("a", 1)

    assert figures("warm_cache", "--clear-first")["rebuilt"] == 1

    assert WindowBody.objects.get(product=product, language="en").pk != before
    assert not WindowBody.objects.filter(pk=gone.pk).exists()
    assert cache.get("a") is None


def test_the_inspection_tells_sizes_epoch_and_what_is_wrong() -> None:
    variant = make_variant(units=3)
    refresh_products([variant.product_id])
    hidden = make_product(title="Nobody sees it")
    set_product_state(product_id=hidden.pk, state="draft", actor=None)

    told = figures("inspect_cache")

    window, redis = told["window"], told["redis"]
    assert (window["products"], window["rows"], window["visible"]) == (2, 2, 1)
    assert (window["missing"], window["stale"], window["compared"]) == (0, 0, 2)
    assert [(each["language"], each["documents"]) for each in window["languages"]] == [
        ("ar", 2), ("en", 2), ("ru", 2), ("uz", 2),
    ]  # fmt: skip
    assert all(each["list_bytes"] > 100 for each in window["languages"])
    assert {each["table"] for each in window["tables"]} == {
        "catalog_windowrow", "catalog_windowbody", "catalog_windowepoch",
    }  # fmt: skip
    assert window["epoch"] > 0
    assert redis["bytes"] > 0
    assert set(redis["queues"]) == {"emails", "reports", "default", "media"}
    assert redis["carts"] == 0
    said = run("inspect_cache")
    assert "documents, uz" in said
    assert "tasks wait" in said

    WindowRow.objects.filter(pk=variant.product_id).update(price_min=1)

    output = io.StringIO()
    with pytest.raises(CommandError):
        call_command("inspect_cache", "--json", stdout=output)
    assert json.loads(output.getvalue())["window"]["stale_ids"] == [variant.product_id]


def test_a_shop_with_nothing_on_show_has_no_speed() -> None:
    assert "nothing is on show" in refused("test_cache_performance")
    refused("test_cache_performance", "--iterations", "0")


def test_silent_queues_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_default(args: tuple[str, str], *, queue: str, **_: Any) -> None:
        if queue == "default":
            answer(*args)

    monkeypatch.setattr("karvon.kernel.tasks.answer_probe.apply_async", only_default)
    output = io.StringIO()

    with pytest.raises(CommandError) as caught:
        call_command("test_celery_tasks", "--timeout", "0.2", stdout=output)

    assert str(caught.value) == "silent after 0.2 s: emails, reports, media"
    assert "default" in output.getvalue()
    assert figures("test_celery_tasks", "--queue", "default")[0]["queue"] == "default"


def test_a_test_mail_has_two_bodies_and_says_where_it_went(settings: Any, tmp_path: Any) -> None:
    assert "locmem" in run("send_test_email", "cook@karvon.example", "--language", "ar")
    sent = mail.outbox[0]
    assert sent.to == ["cook@karvon.example"]
    html, kind = sent.alternatives[0]  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert 'dir="rtl"' in html
    assert settings.KARVON_SHOP_NAME in sent.body

    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    assert str(tmp_path) in run("send_test_email", "cook@karvon.example")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_mail_that_is_not_taken_ends_with_an_error(settings: Any) -> None:
    assert "no mail address" in refused("send_test_email", "nobody")
    with mail_server(settings) as server:
        assert f":{server.port}" in run("send_test_email", "cook@karvon.example")
        server.recipients[:] = ["550 no such person"]

        assert "refused" in refused("send_test_email", "cook@karvon.example")
