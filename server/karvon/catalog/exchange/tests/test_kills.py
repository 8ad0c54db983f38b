"""Imports as real processes: killed in the midst, two at once, very large ones."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from karvon.catalog.exchange.tests.factories import make_csv, make_merchant, shopify_row
from karvon.catalog.models import Product, Variant
from karvon.merchants.models import Merchant

pytestmark = pytest.mark.django_db(transaction=True)

SERVER = Path(__file__).resolve().parents[4]
# on this process's test database, whichever it is
PROGRAM = """
import os, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["IMPORT_DATABASE"]
django.setup()
from django.core.management import call_command
call_command("import_catalog", *sys.argv[1:])
from karvon.kernel.testing import peak_memory_mb
print(peak_memory_mb(), file=sys.stderr)
"""


def start(file: Path, merchant: Merchant, *options: str) -> subprocess.Popen[str]:
    arguments = [str(file), "--format", "shopify", "--merchant", merchant.username, "--json", *options]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=SERVER,
        env={**os.environ, "IMPORT_DATABASE": connection.settings_dict["NAME"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, errors = process.communicate(timeout=1200)
    assert process.returncode == 0, errors
    return {**json.loads(output), "peak_mb": int(errors.split()[-1])}


def write_shop(path: Path, products: int, *, sizes: tuple[str, ...] = ("M",)) -> Path:
    """A row for each product, and one more for each of `sizes`."""
    rows = []
    for number in range(products):
        head = {
            "Option1 Name": "Size",
            "Option1 Value": "S",
            "Variant SKU": f"p{number}-s",
            "Tags": "a, b",
            "Type": f"T{number % 20}",
        }
        rows.append(shopify_row(f"p{number}", **head, **{"Body (HTML)": "<p>text</p>"}))
        rows += [
            shopify_row(
                f"p{number}", Title="", **{"Variant SKU": f"p{number}-{size.lower()}", "Option1 Value": size}
            )
            for size in sizes
        ]
    path.write_text(make_csv(rows))
    return path


def catalogue() -> tuple[Any, Any]:
    products = Product.objects.order_by("handle").values_list("handle", "title_en", "slug", "state")
    variants = Variant.objects.order_by("sku").values_list("sku", "product__handle", "price", "position")
    return list(products), list(variants)


def wait_for_products(process: subprocess.Popen[str], number: int) -> None:
    deadline = time.monotonic() + 300
    while Product.objects.count() < number:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.faults
@pytest.mark.slow
def test_an_import_killed_half_way_and_started_again_ends_the_same(tmp_path: Path) -> None:
    file = write_shop(tmp_path / "shop.csv", 600)
    merchant = make_merchant()
    process = start(file, merchant)
    wait_for_products(process, 100)

    process.send_signal(signal.SIGKILL)
    process.communicate()
    half = Product.objects.count()

    assert 100 <= half < 600
    # not one product is there by halves
    assert Variant.objects.count() == 2 * half
    again = result(start(file, merchant, "--wait", "10"))
    assert (again["products_created"], again["products_unchanged"]) == (600 - half, half)
    assert (Product.objects.count(), Variant.objects.count()) == (600, 1200)
    once = catalogue()
    assert result(start(file, merchant))["products_unchanged"] == 600
    assert catalogue() == once


@pytest.mark.faults
@pytest.mark.slow
def test_an_import_whose_database_goes_away_says_so_and_may_be_started_again(tmp_path: Path) -> None:
    file = write_shop(tmp_path / "shop.csv", 600)
    merchant = make_merchant()
    process = start(file, merchant)
    wait_for_products(process, 100)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    _output, errors = process.communicate(timeout=600)

    assert process.returncode != 0
    assert errors.strip().splitlines()[-1].startswith("django.core.management.base.CommandError: ")
    half = Product.objects.count()
    assert 100 <= half < 600
    again = result(start(file, merchant))
    assert (again["products_created"], again["products_unchanged"]) == (600 - half, half)


@pytest.mark.faults
@pytest.mark.slow
def test_two_imports_of_one_file_at_once_make_no_doubles(tmp_path: Path) -> None:
    file = write_shop(tmp_path / "shop.csv", 300)
    merchant = make_merchant()

    processes = [start(file, merchant, "--wait", "60") for _number in range(2)]
    results = [result(process) for process in processes]

    assert sorted((one["products_created"], one["products_unchanged"]) for one in results) == [
        (0, 300),
        (300, 0),
    ]
    assert (Product.objects.count(), Variant.objects.count()) == (300, 600)


@pytest.mark.slow
def test_a_hundred_thousand_rows_in_bounded_memory(tmp_path: Path) -> None:
    small, large = make_merchant("small"), make_merchant("large")
    base = result(start(write_shop(tmp_path / "small.csv", 200), small))

    # a dry run of all rows goes the same way and is rolled back product by product
    sizes = tuple(str(number) for number in range(30, 39))
    file = write_shop(tmp_path / "large.csv", 10_000, sizes=sizes)
    done = result(start(file, large, "--dry-run"))

    assert (done["rows_done"], done["products_created"]) == (100_000, 10_000)
    assert done["peak_mb"] - base["peak_mb"] < 60
    assert not Product.objects.filter(merchant=large).exists()
