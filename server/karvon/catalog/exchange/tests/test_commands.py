"""manage.py import_catalog and export_catalog."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from karvon.catalog.exchange.tests.factories import make_csv, make_merchant, shopify_row
from karvon.catalog.models import Product
from karvon.media.tests.pictures import draw
from karvon.merchants.models import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.csv"
    rows = [
        shopify_row("a", **{"Image Src": "a.png"}),
        shopify_row("=b", **{"Variant Price": "x"}),
        shopify_row("c"),
    ]
    path.write_text(make_csv(rows))
    return path


def command(name: str, *arguments: object, **options: Any) -> str:
    output = io.StringIO()
    call_command(name, *map(str, arguments), stdout=output, **options)
    return output.getvalue()


def test_the_result_is_printed(merchant: Merchant, file: Path) -> None:
    printed = command("import_catalog", file, format_name="shopify", merchant="SHOP")

    assert "3 rows: 2 products created, 0 updated, 0 unchanged, 1 rows refused" in printed
    assert "line 3 =b: variant price: is not a number: x" in printed
    assert "note: picture not imported" not in printed
    assert "note: picture not found by its name" in printed


def test_a_dry_run_writes_nothing(merchant: Merchant, file: Path) -> None:
    printed = command("import_catalog", file, "--format=shopify", "--merchant=shop", "--dry-run")

    assert "2 products created" in printed
    assert "nothing was written" in printed
    assert not Product.objects.exists()


def test_the_result_for_machines_and_the_report(merchant: Merchant, file: Path, tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"

    printed = command(
        "import_catalog", file, "--format=shopify", "--merchant=shop", "--json", f"--report={report}"
    )

    result = json.loads(printed)
    assert (result["products_created"], result["rows_refused"], result["rows_total"]) == (2, 1, 3)
    assert report.read_text("utf-8-sig").splitlines() == [
        "line,identifier,field,message",
        "3,'=b,variant price,is not a number: x",
    ]


def test_out_and_in_again_with_pictures(merchant: Merchant, file: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(draw())
    command("import_catalog", file, "--format=shopify", "--merchant=shop", f"--images={tmp_path / 'in'}")

    printed = command(
        "export_catalog", tmp_path / "out.csv", "--merchant=shop", f"--images={tmp_path / 'out'}"
    )

    assert "2 products, 1 pictures written" in printed
    assert len(list((tmp_path / "out").iterdir())) == 1
    again = command("import_catalog", tmp_path / "out.csv", "--format=karvon", "--merchant=shop")
    assert "2 rows: 0 products created, 0 updated, 2 unchanged, 0 rows refused" in again


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--merchant=nobody"], "There is no merchant nobody."),
        (["--merchant=shop", "--images=/no/such/folder"], "/no/such/folder is not a folder."),
    ],
)
def test_what_cannot_be_done_is_said(
    merchant: Merchant, file: Path, arguments: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        command("import_catalog", file, "--format=shopify", *arguments)


def test_files_that_are_not_there_or_of_another_kind(merchant: Merchant, tmp_path: Path, file: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        command("import_catalog", tmp_path / "none.csv", "--format=shopify", "--merchant=shop")
    with pytest.raises(
        CommandError, match=r"not a WooCommerce product file: these columns are missing: type"
    ):
        command("import_catalog", file, "--format=woocommerce", "--merchant=shop")
    with pytest.raises(CommandError, match="There is no merchant nobody"):
        command("export_catalog", tmp_path / "out.csv", "--merchant=nobody")
