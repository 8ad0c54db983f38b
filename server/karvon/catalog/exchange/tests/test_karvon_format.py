"""Karvon's own file: there and back without loss, and harmless in spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from karvon.catalog.exchange.exporting import export_catalogue
from karvon.catalog.exchange.guarding import GUARDED
from karvon.catalog.exchange.tests.factories import counts, make_csv, make_merchant, refused, run, sample
from karvon.catalog.models import Product
from karvon.merchants.models import Merchant

pytestmark = pytest.mark.django_db

ATTRIBUTES = [
    {"code": "fabric", "type": "choice", "names": {"en": "Fabric", "ru": "Ткань"}, "value": "cotton",
     "labels": {"en": "Cotton", "uz": "Paxta"}},
    {"code": "tint", "type": "colour", "names": {"en": "Tint"}, "value": "red", "labels": {"en": "Red"},
     "colour": "#ff0000"},
    {"code": "length", "type": "number", "names": {"en": "Length"}, "value": "12.5", "unit": "cm"},
    {"code": "washable", "type": "boolean", "names": {"en": "Washable"}, "value": True},
    {"code": "care", "type": "text", "names": {"en": "Care"}, "value": "=wash cold"},
]  # fmt: skip
MODIFIERS = [
    {
        "names": {"en": "Sauce", "uz": "Sous"},
        "min": 0,
        "max": 2,
        "modifiers": [
            {"names": {"en": "Garlic"}, "price_delta": "2000.00", "active": True},
            {"names": {"en": "None"}, "price_delta": "-500.00", "active": False},
        ],
    }
]


NAN_MODIFIER = json.dumps([{**MODIFIERS[0], "modifiers": [{"names": {"en": "y"}, "price_delta": "NaN"}]}])


def size(code: str) -> str:
    return json.dumps(
        [
            {
                "code": "size",
                "type": "choice",
                "names": {"en": "Size"},
                "value": code,
                "labels": {"en": code.upper()},
            }
        ]
    )


def full_rows() -> list[dict[str, Any]]:
    return [
        {
            "handle": "plov", "slug": "plov", "state": "draft",
            "publish_at": "2030-01-01T10:00:00+00:00",
            "unpublish_at": "2031-01-01T10:00:00+00:00", "kind": "food", "vendor": "+Vendor",
            "currency": "UZS",
            "category": r"Food > Rice \> more", "tags": "spicy, new",
            "title_uz": "Toʻy oshi", "title_ru": "Плов", "title_en": "=Plov", "title_ar": "بلوف",
            "description_uz": "<p>Osh</p>", "description_en": "<p>Rice</p>\n<p>-10%</p>",
            "attributes": json.dumps(ATTRIBUTES), "modifiers": json.dumps(MODIFIERS),
            "sku": "@plov-s", "variant_title_en": "Small", "price": "45000.00",
            "compare_at_price": "50000.00",
            "barcode": "-123", "weight_grams": "300", "tracks_stock": "yes", "is_active": "yes",
            "options": size("s"), "stock": "7",
        },
        {"handle": "plov", "sku": "plov-l", "price": "60000.00", "tracks_stock": "no",
         "is_active": "no", "options": size("l")},
        {"handle": "tea", "title_en": "Tea", "sku": "tea", "price": "5000.00"},
    ]  # fmt: skip


def export(merchant: Merchant) -> bytes:
    return b"".join(export_catalogue(merchant))


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_there_and_back_nothing_is_lost() -> None:
    merchant, other = make_merchant(currency="UZS"), make_merchant("other", currency="UZS")
    assert refused(job := run(merchant, make_csv(full_rows()), "karvon")) == []
    assert counts(job) == {"rows": 3, "created": 2, "updated": 0, "unchanged": 0, "refused": 0}
    first = export(merchant)

    assert run(merchant, first, "karvon").products_unchanged == 2
    # another shop cannot have the same addresses
    renamed = run(other, first, "karvon")

    assert renamed.products_created == 2
    assert export(merchant) == first
    for mine, theirs in zip(read(first), read(export(other)), strict=True):
        mine.pop("slug"), theirs.pop("slug")
        assert mine == theirs


def test_what_was_written_is_what_was_read() -> None:
    merchant = make_merchant(currency="UZS")
    run(merchant, make_csv(full_rows()), "karvon")

    plov = Product.objects.get(handle="plov")
    assert (plov.title_uz, plov.title_ru, plov.title_en, plov.title_ar) == (
        "Toʻy oshi",
        "Плов",
        "=Plov",
        "بلوف",
    )
    assert (plov.kind, plov.state, plov.vendor) == ("food", "draft", "+Vendor")
    assert plov.publish_at == datetime(2030, 1, 1, 10, tzinfo=UTC)
    group = plov.modifier_groups.get()
    assert [(m.name_en, str(m.price_delta), m.is_active) for m in group.modifiers.all()] == [
        ("Garlic", "2000.000", True),
        ("None", "-500.000", False),
    ]
    values = {v.attribute.code: v for v in plov.attribute_values.select_related("attribute", "choice")}
    assert values["fabric"].choice.label_uz == "Paxta"
    assert (str(values["length"].number), values["washable"].boolean, values["care"].text) == (
        "12.5000",
        True,
        "=wash cold",
    )


def test_an_export_holds_no_formula() -> None:
    merchant = make_merchant()
    payloads = sample("hostile/csv/payloadbox-csv-payload.txt").read_text().splitlines()
    rows = [
        {"handle": f"{payload}{number}", "title_en": payload, "sku": f"{payload}{number}", "price": "1",
         "vendor": payload,
         "description_en": payload, "variant_title_en": payload, "barcode": payload[:64]}
        for number, payload in enumerate(payloads)
    ]  # fmt: skip
    assert run(merchant, make_csv(rows), "karvon").products_created == len(payloads)

    data = export(merchant)

    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in GUARDED - {"'"} and cell] == []
    assert run(merchant, data, "karvon").products_unchanged == len(payloads)
    assert set(Product.objects.values_list("title_en", flat=True)) == set(payloads)


def test_strings_of_all_kinds_come_back_as_they_were() -> None:
    merchant = make_merchant()
    strings = json.loads(sample("hostile/strings/blns.json").read_text())
    usable = [
        text
        for text in strings
        if text.strip() and "\0" not in text and text.isprintable() and len(text) < 250
    ]
    rows = [
        {"handle": f"h{n}", "title_en": text, "sku": f"s{n}", "price": "1", "vendor": text[:128]}
        for n, text in enumerate(usable)
    ]

    job = run(merchant, make_csv(rows), "karvon")

    assert refused(job) == []
    assert job.products_created == len(usable)
    assert run(merchant, export(merchant), "karvon").products_unchanged == len(usable)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"options": "{}"}, "must be a JSON list"),
        ({"options": "["}, "is not valid JSON"),
        ({"options": "[1]"}, "must be a list of objects"),
        ({"options": '[{"code": "a b", "value": "x"}]'}, "an attribute needs a code"),
        ({"options": '[{"code": "a", "type": "choice", "value": 5}]'}, "value does not fit its type"),
        ({"attributes": '[{"code": "a", "type": "number", "value": "NaN"}]'}, "number is out of range"),
        ({"attributes": '[{"code": "a", "type": "number", "value": "1e999999"}]'}, "number is out of range"),
        ({"attributes": '[{"code": "a", "type": "magic", "value": "x"}]'}, "type must be one of"),
        ({"modifiers": '[{"names": {"en": "x"}, "min": 3, "max": 1, "modifiers": []}]'}, "0 ≤ min ≤ max"),
        ({"modifiers": '[{"names": {}, "min": 0, "max": 1, "modifiers": []}]'}, "names are missing"),
        (
            {"modifiers": NAN_MODIFIER},
            "price_delta",
        ),
        ({"publish_at": "tomorrow"}, "is not a date: tomorrow"),
        ({"publish_at": "2031-01-01", "unpublish_at": "2030-01-01"}, ""),
        ({"currency": "dollars"}, "must be three capital letters"),
        ({"kind": "thing"}, "must be one of"),
        ({"stock": "-1"}, "must be at least 0"),
        ({"price": "1e3"}, "is not a number"),
    ],
)
def test_cells_that_make_no_sense_are_refused(cells: dict[str, str], message: str) -> None:
    merchant = make_merchant()

    job = run(
        merchant, make_csv([{"handle": "a", "title_en": "A", "sku": "a", "price": "1", **cells}]), "karvon"
    )

    assert job.rows_refused == 1
    assert message in refused(job)[0][2]
    assert not Product.objects.exists()
