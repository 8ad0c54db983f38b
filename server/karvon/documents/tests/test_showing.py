"""The page and the file of a document: in its language, fit for any name, fetching nothing, made once."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.tests.factories import make_client, make_user
from karvon.documents.answers import file_name
from karvon.documents.files import read_file
from karvon.documents.models import Document, DocumentKind
from karvon.documents.pdf import render_pdf
from karvon.documents.rendering import render_page, render_print
from karvon.documents.services import issue_documents
from karvon.documents.snapshots import from_json, to_json
from karvon.documents.tasks import make_file_task
from karvon.documents.tests.factories import PDF, make_invoice, needs_pango, without_pango
from karvon.documents.texts import tidy
from karvon.kernel.languages import LANGUAGES
from karvon.ledger.tests.factories import make_goods
from karvon.media.storage import remove_private
from karvon.media.tests.pictures import sample
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.tests.factories import make_guest_order, make_order

pytestmark = pytest.mark.django_db
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=http://127.0.0.1:1/x>",
    "\u202egnp.exe",
    "a\u200bb",
    "W" * 500,
    "👩‍👩‍👧 مرحبا",
]

needs_reader = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="reading PDF files needs pdftotext (poppler-utils)"
)


def text_of(data: bytes) -> str:
    """What a file says, without the marks that isolate directions."""
    told = subprocess.run(
        ["pdftotext", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()
    return re.sub("[\u2068\u2069]", "", told).replace("\xa0", " ")


def with_names(document: Document, name: str) -> Document:
    """The document as if everybody and everything on it were called this."""
    told = from_json(document.snapshot)
    lines = tuple(
        replace(line, title=name, sku=name, options=(name,), modifiers=(name,)) for line in told.lines
    )
    seller, buyer = replace(told.seller, name=name), replace(told.buyer, name=name, address=name)
    changed = replace(told, lines=lines, seller=seller, buyer=buyer, discounts=((name, told.subtotal),))
    document.snapshot = json.loads(json.dumps(to_json(changed)))
    return document


def test_the_page_speaks_the_language_of_the_order(client):
    invoice = make_invoice()
    titles = {}

    for language in LANGUAGES:
        invoice.language = language
        html = render_page(invoice)
        assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in html
        titles[language] = re.search(r"<h1>(.*?)</h1>", html)[1]

    assert titles == {"en": "Invoice", "uz": "Hisob-faktura", "ru": "Счёт", "ar": "فاتورة"}


def test_the_code_opens_the_page_with_its_amounts_and_nothing_from_elsewhere(client):
    invoice = make_invoice(make_order((make_goods(price="12345.5"), 2)))

    answer = client.get(invoice.path)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "private, no-store"
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert f"{invoice.number}" in html
    assert "29,691.00" in html
    assert re.findall(r'(?:src|href)="https?://', html) == []
    assert client.get(f"{invoice.path}?paper=80mm").content.decode().count("paper-80mm") == 1
    assert client.get("/documents/nothing-of-ours/").status_code == 404


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_becomes_markup_or_turns_the_line(name):
    html = render_print(with_names(make_invoice(), name))

    assert "<script" not in html
    assert html.count("<img") == 1  # the code
    assert not re.search("[\u202a-\u202e\u200b\u2060\ufeff\x00-\x08]", html)
    assert "W" * 201 not in html


def test_every_naughty_string_is_one_isolated_line():
    for text in json.loads(sample("hostile/strings/blns.json").read_text()):
        shown = tidy(text)
        assert shown == "" or (shown[0], shown[-1]) == ("\u2068", "\u2069")
        assert not set(shown) & set("\n\r\t\x00\u202e\u2028")


def test_file_names_are_plain():
    assert file_name("INV-2026-000012") == "INV-2026-000012.pdf"
    assert file_name('"\r\n../x') == "..-x.pdf"


@needs_pango
def test_a_file_is_made_once_and_again_when_it_was_lost():
    invoice = make_invoice()

    make_file_task(document_id=invoice.pk)

    invoice.refresh_from_db()
    data = read_file(invoice)
    assert data.startswith(b"%PDF-")
    assert invoice.file_sha256 == hashlib.sha256(data).hexdigest()
    assert invoice.file_size == len(data) < 100_000
    remove_private(invoice.file)
    assert read_file(invoice) == data


@needs_pango
@needs_reader
def test_the_file_says_what_the_page_says():
    invoice = make_invoice(make_order((make_goods(price="12345.5"), 2), language="ru"))

    text = " ".join(text_of(read_file(invoice)).split())

    for wanted in (invoice.number, "Счёт", "Продавец", "29 691,00", "Aziza"):
        assert wanted in text


@needs_pango
def test_making_a_file_asks_nobody(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    page = f'<img src="file://{secret}"><img src="http://127.0.0.1:1/x.png"><link rel="stylesheet" href="file://{secret}"><p>shown</p>'

    data = render_pdf([page])  # the suite lets nobody out, and would fail

    assert data.startswith(b"%PDF-")
    assert b"secret" not in data


@needs_pango
@needs_reader
def test_the_invoice_of_several_merchants_is_one_file_of_all_and_each_gets_its_own():
    first, second = make_merchant(), make_merchant()
    order = make_order((make_goods(first), 1), (make_goods(second), 1))

    both = make_client(order.customer).get(f"/api/v1/orders/{order.pk}/invoice/")
    own = make_client(first.owner).get(f"/api/v1/orders/{order.pk}/documents/").json()

    assert both["Content-Type"] == "application/pdf"
    written = Document.objects.filter(order=order).select_related("merchant")
    assert {each.merchant.name for each in written} <= set(text_of(both.content).splitlines())
    assert [each["merchant"] for each in own["results"]] == [first.pk]


def test_without_pango_the_answer_says_so_and_the_page_is_there(client):
    invoice = make_invoice()
    customer = make_client(invoice.order.customer)

    with without_pango():
        answers = [
            customer.get(f"/api/v1/documents/{invoice.pk}/pdf/"),
            customer.get(f"/api/v1/orders/{invoice.order_id}/invoice/"),
            client.get(invoice.pdf_path),
        ]
        page = client.get(invoice.path)
        make_file_task(document_id=invoice.pk)

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(503, "pdf_unavailable")] * 3
    assert page.status_code == 200
    assert invoice.pdf_path not in page.content.decode()


def test_a_guest_reads_with_the_orders_token_and_no_other(client):
    invoice = make_invoice(make_guest_order(), file=PDF)
    token, address = invoice.order.token, f"/api/v1/documents/{invoice.pk}/pdf/"

    assert client.get(f"{address}?token={token}").content == PDF
    assert client.get(f"/api/v1/orders/{invoice.order_id}/invoice/?token={token}").content == PDF
    assert client.get(f"{address}?token=x").status_code == 404
    assert client.get(address).status_code == 401


def test_an_order_that_waits_for_its_payment_has_no_invoice():
    order = make_order(payment_method="payme")

    answer = make_client(order.customer).get(f"/api/v1/orders/{order.pk}/invoice/")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_invoiced_yet")


def test_lists_ask_the_same_whatever_their_length():
    customer, goods = make_user(), make_goods()
    client, asked = make_client(customer), []

    for _ in range(2):
        make_invoice(make_order((goods, 1), customer=customer))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            listed = client.get("/api/v1/documents/?kind=invoice").json()
        asked.append(len(queries))

    assert listed["count"] == 2
    assert {each["kind"] for each in listed["results"]} == {DocumentKind.INVOICE}
    assert asked[0] == asked[1]
    assert issue_documents(order_id=listed["results"][0]["order"]) == []
