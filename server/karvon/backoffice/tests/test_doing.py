"""What the buttons of the back office do."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from karvon.audit.models import AuditEntry
from karvon.backoffice.tests.town import address, make_admin, make_operator, make_town, open_as
from karvon.catalog.exchange.jobs import run_job
from karvon.catalog.models import CatalogJob, Product, ProductState
from karvon.inventory.models import StockLevel, StockMovement
from karvon.kernel.models import DeliveryState, EventDelivery
from karvon.ledger.models import BankDetails
from karvon.merchants.models import Branch, Merchant
from karvon.notifications.models import Mail, MailState
from karvon.orders.models import Fulfilment, Order, PaymentState
from karvon.reviews.models import Review

pytestmark = pytest.mark.django_db


def press(browser: Any, row: Any, page: str, **given: Any) -> Any:
    """Posts the form behind a button of a row, after it was opened."""
    url = address(row, "change", row.pk).removesuffix("change/") + f"{page}/"
    assert browser.get(url).status_code == 200
    return browser.post(url, given)


def run_action(browser: Any, model: Any, name: str, *rows: Any) -> Any:
    chosen = {"action": name, "_selected_action": [row.pk for row in rows]}
    return browser.post(address(model, "changelist"), chosen, follow=True)


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("withdraw", ProductState.DRAFT),
        ("archive", ProductState.ARCHIVED),
        ("publish", ProductState.PUBLISHED),
    ],
)
def test_an_owner_publishes_and_withdraws(action, state):
    own, _other = make_town()

    answer = run_action(open_as(own.merchant.owner), Product, action, own.product)

    assert Product.objects.get(pk=own.product.pk).state == state
    assert "Products changed: 1" in answer.content.decode()


def test_a_manager_counts_receives_and_transfers_stock():
    own, _other = make_town()
    browser, level = open_as(own.manager), own.level
    target = Branch.objects.exclude(pk=level.branch_id).get(merchant=own.merchant)

    press(browser, level, "adjust", on_hand=15, reason="counted")
    press(browser, level, "receive", quantity=10, reason="delivery")
    press(browser, level, "transfer", to_branch=target.pk, quantity=4)

    assert StockLevel.objects.get(pk=level.pk).on_hand == 21
    assert StockLevel.objects.get(variant_id=level.variant_id, branch=target).on_hand == 4
    counted = StockMovement.objects.filter(level=level, reason="counted").get()
    assert (counted.quantity, counted.actor) == (-3, own.manager)


def test_a_refusal_stays_on_the_form():
    own, _other = make_town()
    StockLevel.objects.filter(pk=own.level.pk).update(reserved=2)

    answer = press(open_as(own.manager), own.level, "adjust", on_hand=1, reason="lost")

    assert "Fewer units would remain than are promised to orders." in answer.content.decode()
    assert StockLevel.objects.get(pk=own.level.pk).on_hand == 18


def test_a_cook_advances_an_order_but_neither_refuses_it_nor_touches_stock():
    own, _other = make_town()
    browser = open_as(own.cook)

    run_action(browser, Fulfilment, "take_next_step", own.part)
    after = Fulfilment.objects.get(pk=own.part.pk).state
    base = address(own.part, "change", own.part.pk).removesuffix("change/")
    refused = browser.post(f"{base}reject/", {"reason": "no"})
    counted = browser.post(
        address(own.level, "change", own.level.pk).removesuffix("change/") + "adjust/", {"on_hand": 0}
    )

    assert after not in ("confirmed", "rejected", "cancelled")
    assert (refused.status_code, counted.status_code) == (403, 403)
    assert Fulfilment.objects.get(pk=own.part.pk).state == after
    assert StockLevel.objects.get(pk=own.level.pk).on_hand == 18


def test_an_owner_refuses_an_order_and_its_units_return():
    own, _other = make_town()

    press(open_as(own.merchant.owner), own.part, "reject", reason="closed today")

    assert Fulfilment.objects.get(pk=own.part.pk).state in ("rejected", "cancelled")
    level = StockLevel.objects.get(pk=own.level.pk)
    assert (level.on_hand, level.reserved) == (20, 0)


def test_an_operator_advances_takes_money_for_and_cancels_orders():
    own, other = make_town()
    browser = open_as(make_operator())

    press(browser, own.order, "paid", reference="transfer 7")
    press(browser, other.order, "cancel", reason="asked for it")

    assert Order.objects.get(pk=own.order.pk).payment_state == PaymentState.PAID
    assert Order.objects.get(pk=other.order.pk).state == "cancelled"


def test_deliveries_that_were_given_up_are_tried_again():
    make_town()
    dead = EventDelivery.objects.get(handler="test")
    browser = open_as(make_operator())

    front = browser.get("/admin/").content.decode()
    answer = run_action(browser, EventDelivery, "replay", dead)
    dead.refresh_from_db()

    assert "?state__exact=dead" in front
    assert (dead.state, dead.attempts) == (DeliveryState.PENDING, 0)
    assert "Deliveries that will be tried again: 1" in answer.content.decode()


def test_stuck_mails_are_sent_again():
    make_town()
    Mail.objects.update(state=MailState.FAILED)
    mail = Mail.objects.order_by("pk").first()

    press(open_as(make_admin()), mail, "send-again")

    mail.refresh_from_db()
    assert mail.state == MailState.QUEUED


def test_reviews_are_answered_by_the_shop_and_hidden_by_staff_only():
    own, _other = make_town()
    url = address(own.review, "change", own.review.pk).removesuffix("change/") + "hide/"

    press(open_as(own.merchant.owner), own.review, "reply", comment="Thank you")
    refused = open_as(own.merchant.owner).post(url, {"reason": "bad"})
    before = Review.objects.get(pk=own.review.pk)
    press(open_as(make_operator()), own.review, "hide", reason="rude")

    assert (before.reply, before.state, refused.status_code) == ("Thank you", "visible", 403)
    assert Review.objects.get(pk=own.review.pk).state == "hidden"


def test_operators_suspend_shops_and_owners_do_not():
    own, _other = make_town()
    url = address(own.merchant, "change", own.merchant.pk).removesuffix("change/") + "suspend/"

    assert open_as(own.merchant.owner).post(url).status_code == 403
    press(open_as(make_operator()), own.merchant, "suspend", reason="Complaints")

    assert Merchant.objects.get(pk=own.merchant.pk).state == "suspended"


def test_an_owner_changes_where_payouts_go_and_the_log_has_it_masked():
    own, _other = make_town()
    details, owner = own.merchant.bank_details, own.merchant.owner
    url = address(details, "change", details.pk).removesuffix("change/") + "replace/"
    new = {"holder": "Alpha LLC", "bank": "Ipak", "code": "", "number": "2020 8000 9009 9999 1234"}
    assert open_as(own.manager).post(url, new).status_code == 403
    browser = open_as(owner)

    shown = browser.get(url).content.decode()
    wrong = browser.post(url, new | {"number": "GB82WEST12345698765433"})
    press(browser, details, "replace", **new)

    page = browser.get(address(details, "change", details.pk)).content.decode()
    assert details.number not in shown + page
    assert "+00:00" not in page
    assert "This IBAN has a mistake in it." in wrong.content.decode()
    before, details = details, BankDetails.objects.get(pk=details.pk)
    assert (details.number, details.changed_by) == ("20208000900999991234", owner)
    assert details.changed_at > before.changed_at
    entry = AuditEntry.objects.filter(object_type="ledger.bankdetails", change="update").latest("pk")
    assert entry.actor_id == owner.pk
    assert "number" in entry.after
    assert "20208000900999991234" not in str(entry.after) + str(entry.before)


def test_bank_details_are_given_once_by_the_form_for_new_ones():
    own, _other = make_town()
    new = {
        "merchant": own.merchant.pk,
        "holder": "A",
        "bank": "B",
        "code": "",
        "number": "20208000900999991234",
    }
    url = address(BankDetails, "add")
    again = open_as(own.merchant.owner).post(url, new)
    BankDetails.objects.filter(merchant=own.merchant).delete()

    refused = open_as(own.manager).post(url, new)
    answer = open_as(own.merchant.owner).post(url, new)

    assert (again.status_code, refused.status_code, answer.status_code) == (200, 403, 302)
    assert BankDetails.objects.get(merchant=own.merchant).changed_by == own.merchant.owner


def test_nothing_changes_by_following_a_link():
    own, _other = make_town()
    browser = open_as(make_admin())

    for row, page in (
        (own.merchant, "suspend"),
        (own.part, "reject"),
        (own.review, "hide"),
        (own.order, "cancel"),
    ):
        before = type(row).objects.filter(pk=row.pk).values().get()
        browser.get(address(row, "change", row.pk).removesuffix("change/") + f"{page}/")
        assert type(row).objects.filter(pk=row.pk).values().get() == before


HEAD = "Handle,Title,Body (HTML),Vendor,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"


def test_an_owner_imports_a_catalogue_and_sees_its_bad_rows():
    own, other = make_town()
    browser = open_as(own.merchant.owner)
    rows = "tea-pot,Tea pot,,Kulol,true,Title,Default Title,POT-1,90000\nbowl,Bowl,,Kulol,true,Title,Default Title,BOWL-1,twelve\n"
    file = SimpleUploadedFile("shop.csv", (HEAD + rows).encode(), content_type="text/csv")
    given = {"merchant": own.merchant.pk, "format": "shopify", "language": "", "file": file}

    sent = browser.post(address(CatalogJob, "changelist") + "import/", given)
    job = CatalogJob.objects.exclude(pk__in=[own.job.pk, other.job.pk]).get()
    waiting = browser.get(sent["Location"]).content.decode()
    progress = address(job, "progress", job.pk)
    before = browser.get(progress).json()
    run_job(job_id=job.pk)
    after = browser.get(progress).json()
    done = browser.get(sent["Location"]).content.decode()

    assert f'data-job-url="{progress}"' in waiting
    assert (before["is_finished"], before["percent"]) == (False, None)
    assert (after["is_finished"], after["percent"], after["products_created"], after["rows_refused"]) == (
        True,
        100,
        1,
        1,
    )
    assert "data-job-url" not in done
    assert '<td class="kv-number">3</td>' in done
    assert "is not a number: twelve" in done
    assert Product.objects.filter(merchant=own.merchant, handle="tea-pot").exists()


def test_an_export_is_downloaded_by_its_shop():
    own, other = make_town()
    browser = open_as(own.manager)

    sent = browser.post(address(CatalogJob, "changelist") + "export/", {"merchant": own.merchant.pk})
    job = CatalogJob.objects.exclude(pk__in=[own.job.pk, other.job.pk]).get()
    run_job(job_id=job.pk)
    url = sent["Location"].removesuffix("change/") + "download/"
    answer = browser.get(url)

    assert answer["Content-Disposition"] == f'attachment; filename="{own.merchant.username}.csv"'
    assert b"ALPHA-1" in b"".join(answer.streaming_content)
    assert open_as(other.merchant.owner).get(url).status_code in (403, 404)


def test_a_file_for_another_shop_is_refused():
    own, other = make_town()
    file = SimpleUploadedFile("shop.csv", HEAD.encode(), content_type="text/csv")
    given = {"merchant": other.merchant.pk, "format": "shopify", "language": "", "file": file}

    answer = open_as(own.merchant.owner).post(address(CatalogJob, "changelist") + "import/", given)

    assert answer.context["form"].errors["merchant"]
    assert CatalogJob.objects.count() == 2
