"""Statements add up, exports hold no formula, and everybody sees only what is theirs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel.testing import drain_outbox
from karvon.ledger.models import Payout
from karvon.ledger.services import approve_payout
from karvon.ledger.tests.factories import earn, make_bank_details, make_goods, make_paid_order, make_payouts
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.orders.services import cancel_order

pytestmark = pytest.mark.django_db
AMOUNTS = ("goods", "discount", "delivery", "commission", "at_the_door", "paid_out", "amount")


def statement_url(merchant, query="", export=""):
    return f"/api/v1/merchants/{merchant.pk}/statement/{export}{query}"


def make_story():
    """Earned in January and February; in February an order was called off and a payout made."""
    merchant, staff = make_merchant(), make_user(role=Role.STAFF)
    make_bank_details(merchant, days_ago=9999)
    with time_machine.travel(datetime(2026, 1, 31, 12, tzinfo=UTC)):
        earn(merchant, units=1)
    with time_machine.travel(datetime(2026, 2, 1, 12, tzinfo=UTC)):
        earn(merchant, units=2)
        order = make_paid_order((make_goods(merchant), 3))
        cancel_order(order_id=order.pk, actor=None)
        drain_outbox()
    with time_machine.travel(datetime(2026, 2, 20, tzinfo=UTC)):
        make_payouts(merchant, actor=staff, amount=0)
    return merchant, staff


def test_a_statement_goes_from_opening_to_closing():
    merchant, staff = make_story()
    client = make_client(merchant.owner)

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(statement_url(merchant, "?date_from=2026-02-01&date_to=2026-02-28"))

    found = answer.json()
    assert answer.status_code == 200
    assert len(queries) <= 8
    assert (found["opening"], found["closing"]) == ("14000.00", "0.00")
    assert [(each["kind"], each["amount"]) for each in found["lines"]] == [
        ("sale", "23000.00"),
        ("sale", "32000.00"),
        ("called_off", "-32000.00"),
        ("payout", "-37000.00"),
    ]
    balance = Decimal(found["opening"])
    for line in found["lines"]:
        assert Decimal(line["amount"]) == sum(Decimal(line[name]) for name in AMOUNTS[:-1])
        balance += Decimal(line["amount"])
        assert Decimal(line["balance"]) == balance
    for name in AMOUNTS:
        assert Decimal(found["totals"][name]) == sum(Decimal(line[name]) for line in found["lines"])
    january = (
        make_client(staff).get(statement_url(merchant, "?date_from=2026-01-01&date_to=2026-01-31")).json()
    )
    assert (january["opening"], january["closing"]) == ("0.00", "14000.00")
    rows = list(
        csv.reader(
            io.StringIO(
                client.get(
                    statement_url(merchant, "?date_from=2026-02-01&date_to=2026-02-28", "export/")
                ).content.decode("utf-8-sig")
            )
        )
    )
    assert [row[1] for row in rows[1:]] == ["opening", "sale", "sale", "called_off", "payout", "closing"]
    assert {len(row) for row in rows} == {14}
    assert (rows[1][-2], rows[-1][-2]) == ("14000.00", "0.00")


@pytest.mark.parametrize(
    "query",
    [
        "?date_from=2026-02-02&date_to=2026-01-01",
        "?date_from=gestern",
        "?currency=sum",
        "?date_from=9999-12-31",
    ],
)
def test_a_bad_period_is_refused(query):
    merchant = make_merchant()

    assert make_client(merchant.owner).get(statement_url(merchant, query)).status_code == 400


def test_a_merchant_sees_its_own_money_and_no_other():
    mine, other = make_merchant(), make_merchant()
    (payout,) = make_payouts(mine, actor=make_user(role=Role.STAFF))
    make_payouts(other, actor=make_user(role=Role.STAFF))
    earn(mine)
    owner = make_client(mine.owner)

    shown = owner.get("/api/v1/balances/").json()["results"]
    assert [(each["kind"], each["merchant"], each["owed"]) for each in shown] == [
        ("payable", mine.pk, "23000.00")
    ]
    assert [each["id"] for each in owner.get("/api/v1/payouts/").json()["results"]] == [payout.pk]
    assert owner.get(f"/api/v1/payouts/?state={payout.state}").json()["count"] == 1
    assert owner.get(statement_url(other)).status_code == 404
    assert owner.get(f"/api/v1/merchants/{other.pk}/bank-details/").status_code == 404
    cook = make_client(make_staff(mine, role=StaffRole.COOK).user)
    assert cook.get("/api/v1/balances/").json()["count"] == 0
    assert cook.get(statement_url(mine)).status_code == 403
    manager = make_client(make_staff(mine, role=StaffRole.MANAGER).user)
    assert manager.get(statement_url(mine)).status_code == 200
    assert manager.put(f"/api/v1/merchants/{mine.pk}/bank-details/", {}, "json").status_code in (400, 403)
    assert "20208000900123454417" not in owner.get("/api/v1/payouts/").content.decode()


def test_the_file_for_the_bank_holds_no_formula_and_no_draft():
    merchant, staff = make_merchant(name="=HYPERLINK(1)"), make_user(role=Role.STAFF)
    make_bank_details(merchant, holder="+cmd|' /C calc'!A0", bank="@SUM(1)")
    (payout,) = make_payouts(merchant, actor=staff)
    client = make_client(staff)
    url = f"/api/v1/payout-batches/{payout.batch_id}/export/"

    def rows():
        return list(csv.reader(io.StringIO(client.get(url).content.decode("utf-8-sig"))))

    assert len(rows()) == 1
    approve_payout(payout_id=payout.pk, actor=make_user(role=Role.ADMIN))
    (row,) = rows()[1:]
    assert not any(cell[:1] in "=+-@" for cell in row if cell)
    assert row[5:8] == ["20208000900123454417", "100000.00", "UZS"]


def test_operators_make_approve_and_pay_over_the_api():
    merchant = make_merchant()
    earn(merchant)
    make_bank_details(merchant)
    maker, other = (make_client(make_user(role=Role.STAFF)) for _ in range(2))
    body = {"currency": "UZS", "until": datetime.now(UTC).isoformat(), "merchants": [merchant.pk]}

    made = maker.post("/api/v1/payout-batches/", body, "json")
    assert (made.status_code, made.json()["count"], made.json()["total"]) == (201, 1, "23000.00")
    batch, payout = made.json()["id"], made.json()["payouts"][0]["id"]
    assert maker.post("/api/v1/payout-batches/", body, "json").json()["code"] == "nothing_to_pay_out"
    refused = maker.post(f"/api/v1/payout-batches/{batch}/approve/", {}, "json")
    assert (refused.status_code, refused.json()["code"]) == (403, "two_people_needed")
    approved = other.post(f"/api/v1/payout-batches/{batch}/approve/", {}, "json").json()
    assert (approved["refused"], approved["payouts"][0]["state"]) == ([], "approved")
    paid = maker.post(f"/api/v1/payouts/{payout}/paid/", {"reference": "PP-1"}, "json").json()
    assert (paid["state"], paid["reference"], paid["account"][-4:]) == ("paid", "PP-1", "4417")
    again = maker.post(f"/api/v1/payouts/{payout}/paid/", {}, "json")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert Payout.objects.get(pk=payout).state == "paid"


def test_a_refund_is_recorded_once():
    order = make_paid_order()
    cancel_order(order_id=order.pk, actor=None)
    staff = make_client(make_user(role=Role.STAFF))

    answers = [staff.post(f"/api/v1/orders/{order.pk}/refund/", {"reference": "R"}, "json") for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 409]
    assert (answers[0].json()["payment_status"], answers[0].json()["refund_due"]) == ("refunded", "0.00")
    assert answers[1].json()["code"] == "nothing_to_refund"
    assert make_client(order.customer).post(f"/api/v1/orders/{order.pk}/refund/").status_code == 403


def test_a_rule_is_made_changed_and_removed():
    staff, merchant = make_client(make_user(role=Role.STAFF)), make_merchant()
    url = "/api/v1/commission-rules/"

    made = staff.post(url, {"merchant": merchant.pk, "percent": "7.50"}, "json").json()
    assert (made["percent"], made["currency"], made["category"]) == ("7.50", merchant.currency, None)
    changed = staff.patch(f"{url}{made['id']}/", {"percent": "8"}, "json").json()
    assert (changed["percent"], changed["merchant"]) == ("8.00", merchant.pk)
    assert staff.get(f"{url}?merchant={merchant.pk}").json()["count"] == 1
    for bad in ({"percent": "101"}, {"percent": "1", "merchant": 10**12}, {"percent": "1", "category": 10**12},
                {"percent": "1", "ends_at": "2001-01-01T00:00Z"}, {"percent": "1", "fixed": "-1"}):  # fmt: skip
        assert staff.post(url, bad, "json").status_code == 400, bad
    assert staff.delete(f"{url}{made['id']}/").status_code == 204
    assert staff.get(f"{url}{made['id']}/").status_code == 404
