"""Payme, Click and Uzum, each with a shop that keeps to its protocol: what is asked, and whose the money is afterwards."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import httpx
import pytest

from karvon.simulators.click import merchant_digest, prepare_signature
from karvon.simulators.core import CannotAct
from karvon.simulators.credentials import DEMO
from karvon.simulators.payme import authorization, read_link, write_link
from karvon.simulators.tests.shops import AMOUNT, ORDER, ClickShop, PaymeShop, Shop, UzumShop, of

SHOPS = {"payme": PaymeShop, "click": ClickShop, "uzum": UzumShop}
HTTP = httpx.Client(verify=False)
EVERYBODY = pytest.mark.parametrize("provider", SHOPS)


def link_of(simulators, provider: str, order: str = ORDER) -> str:
    base = f"{simulators.base}/{provider}"
    if provider == "payme":
        pairs = {
            "m": DEMO.payme_merchant_id,
            "ac.order_id": order,
            "a": str(AMOUNT),
            "c": "http://shop.example/:account.order_id",
        }
        return f"{base}/{write_link(pairs)}"
    if provider == "click":
        asked = {
            "service_id": DEMO.click_service_id,
            "merchant_id": DEMO.click_merchant_id,
            "amount": "12500.00",
        }
        return f"{base}/services/pay?{urlencode(asked | {'transaction_param': order, 'return_url': 'http://shop.example/'})}"
    asked = {
        "serviceId": DEMO.uzum_service_id,
        "order_id": order,
        "amount": AMOUNT,
        "redirectUrl": "http://shop.example/",
    }
    return f"{base}/open-service?{urlencode(asked)}"


@pytest.fixture
def started(run, provider):
    shop = SHOPS[provider]()
    simulators = run(shop)
    return simulators, shop, link_of(simulators, provider)


def money_with_shop(simulators) -> int:
    return sum(each["amount"] - each["returned"] for each in simulators.charges())


@EVERYBODY
@pytest.mark.parametrize("behaviour", ["pay", "pay-twice", "callback-shuffled"])
def test_the_shop_has_the_money_once_and_keeps_to_the_protocol(started, behaviour):
    simulators, shop, link = started

    act = simulators.act(link, behaviour)

    assert simulators.complaints() == []
    assert shop.is_paid
    assert act.is_taken
    assert money_with_shop(simulators) == AMOUNT


@EVERYBODY
@pytest.mark.parametrize("behaviour", ["decline", "wrong-signature"])
def test_nothing_is_taken_where_nothing_is_paid(started, behaviour):
    simulators, shop, link = started

    act = simulators.act(link, behaviour)

    assert simulators.complaints() == []
    assert not shop.is_paid
    assert not act.is_taken
    assert simulators.charges() == []


@EVERYBODY
def test_what_comes_late_waits_until_it_is_delivered(started):
    simulators, shop, link = started

    simulators.act(link, "pay-late")
    before = shop.is_paid, simulators.charges()
    simulators.deliver()

    assert before == (False, [])
    assert shop.is_paid
    assert money_with_shop(simulators) == AMOUNT


@EVERYBODY
def test_a_shop_that_no_longer_waits_refuses_and_the_buyer_gets_the_money_back(started):
    simulators, shop, link = started
    simulators.act(link, "pay-late")
    shop.give_up()

    simulators.deliver()

    assert not shop.is_paid
    assert [each["returned"] for each in simulators.charges()] == [AMOUNT]
    assert simulators.complaints() == []


@EVERYBODY
def test_a_shop_that_does_not_answer_in_the_end_is_asked_again(started):
    """Uzum alone gives the money back after ten questions."""
    simulators, shop, link = started
    simulators.act(link, "callback-late")
    shop.is_deaf = True

    simulators.deliver()
    heard = len(shop.calls)
    shop.is_deaf = False
    simulators.deliver()

    if link.startswith(f"{simulators.base}/uzum/"):
        assert shop.titles()[:heard].count("status") == 10
        assert not shop.is_paid
        assert money_with_shop(simulators) == 0
    else:
        assert shop.is_paid
        assert money_with_shop(simulators) == AMOUNT


@EVERYBODY
def test_an_order_that_the_shop_refuses_is_not_charged(run, provider):
    shop = SHOPS[provider]()
    shop.is_paid = True
    simulators = run(shop)

    act = simulators.act(link_of(simulators, provider), "pay")

    assert "refuses" in act.note
    assert simulators.charges() == []


@EVERYBODY
def test_a_refund_of_the_provider_reaches_the_ledger_and_nothing_unpaid_is_refunded(started):
    simulators, _shop, link = started
    with pytest.raises(CannotAct):
        simulators.act(link, "refund")
    simulators.act(link, "pay")

    simulators.act(link, "refund")

    assert money_with_shop(simulators) == 0


@EVERYBODY
def test_the_pay_page_shows_order_and_amount_and_its_button_pays(started):
    simulators, shop, link = started

    page = HTTP.get(link)
    reference = simulators.world.open(link)[1]
    name = link.removeprefix(simulators.base).split("/")[1]
    answer = HTTP.post(
        f"{simulators.base}/_/{name}/{reference}/press", data={"behaviour": "pay", "delay": "1"}
    )

    assert "12\N{NO-BREAK SPACE}500.00" in page.text
    assert f"<dd>{ORDER}</dd>" in page.text
    assert (answer.status_code, answer.headers["Location"][:20]) == (303, "http://shop.example/")
    assert shop.is_paid


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"id": 1},
        {"id": 1, "result": None, "error": None},
        {"id": 1, "result": {}, "error": {"code": 1}},
        [],
        "x",
    ],
)
def test_payme_complains_of_what_is_no_answer(run, answer):
    shop = Shop()
    shop.answer = lambda call: of(answer)  # type: ignore[method-assign]
    simulators = run(shop)

    simulators.act(link_of(simulators, "payme"), "pay")

    assert simulators.complaints() != []
    assert simulators.charges() == []


def test_payme_complains_when_the_second_answer_is_another(run):
    shop = PaymeShop()
    simulators = run(shop)
    answers = iter(range(100))
    create = shop.CreateTransaction
    shop.CreateTransaction = lambda **asked: create(**asked) | {"create_time": next(answers)}  # type: ignore[method-assign]

    simulators.act(link_of(simulators, "payme"), "pay")

    assert simulators.complaints() == ["CreateTransaction: the second answer is another"]


def test_payme_vectors():
    link = "bT01ODdmNzJjNzJjYWMwZDE2MmM3MjJhZTI7YWMub3JkZXJfaWQ9MTk3O2E9NTAw"
    pairs = {"m": "587f72c72cac0d162c722ae2", "ac.order_id": "197", "a": "500"}

    assert read_link(link) == pairs
    assert write_link(pairs) == link
    assert authorization("KeyFromMerchantCabinet") == "Basic UGF5Y29tOktleUZyb21NZXJjaGFudENhYmluZXQ="
    assert authorization("testkey") == "Basic UGF5Y29tOnRlc3RrZXk="


def test_click_vectors():
    fields = {
        "click_trans_id": "1111", "service_id": "2222", "merchant_trans_id": "11111", "amount": "1000.0", "action": "0",
        "sign_time": "2026-01-15 12:30:45",
    }  # fmt: skip

    assert prepare_signature("AAAAAAAA", fields) == "58af4d69993816bd0a10df8d3d789705"
    complete = fields | {"action": "1", "merchant_prepare_id": "77"}
    assert prepare_signature("AAAAAAAA", complete) == "7349ff09cee368acafa42cfbd415d623"
    assert merchant_digest("AAAAAAAA", "1519051543") == "d68137d799e1436eb45457c9bb289c072b5012e5"


def subscribe(simulators, method: str, key: str = f"{DEMO.payme_merchant_id}:{DEMO.payme_key}", **params):
    body = {"id": 7, "method": method, "params": params}
    return HTTP.post(f"{simulators.base}/payme/api", json=body, headers={"X-Auth": key}).json()


def test_the_subscribe_api_tells_of_a_payment_whose_callback_was_lost_and_gives_it_back(run):
    shop = PaymeShop()
    simulators = run(shop)
    simulators.act(link_of(simulators, "payme"), "callback-lost")
    receipt = subscribe(simulators, "receipts.get_all", **{"from": 0, "to": 2**50, "count": 10})["result"][0]

    before = subscribe(simulators, "receipts.check", id=receipt["_id"])
    cancelled = subscribe(simulators, "receipts.cancel", id=receipt["_id"])
    simulators.deliver()
    after = subscribe(simulators, "receipts.get", id=receipt["_id"])

    assert (receipt["amount"], receipt["account"][0]["value"], before["result"]) == (
        AMOUNT,
        ORDER,
        {"state": 4},
    )
    assert not shop.is_paid
    assert cancelled["result"]["receipt"]["state"] == 21
    assert after["result"]["receipt"]["state"] == 50
    assert shop.titles()[-1] == "CancelTransaction"
    assert money_with_shop(simulators) == 0


def test_the_subscribe_api_wants_its_key_and_known_names(run):
    simulators = run(PaymeShop())

    assert subscribe(simulators, "receipts.get", key="x:y", id="1")["error"]["code"] == -32504
    assert subscribe(simulators, "receipts.nothing")["error"]["code"] == -32601
    assert "error" in subscribe(simulators, "receipts.get", id="1")


def merchant_api(simulators, method: str, path: str, *, secret: str = DEMO.click_secret_key, **body):
    at = str(int(simulators.world.now()))
    headers = {"Auth": f"{DEMO.click_merchant_user_id}:{merchant_digest(secret, at)}:{at}"}
    return HTTP.request(
        method, f"{simulators.base}/click/v2/merchant/{path}", headers=headers, json=body or None
    )


def test_the_merchant_api_of_click_finds_and_reverses_a_payment(run):
    simulators = run(ClickShop())
    simulators.act(link_of(simulators, "click"), "callback-lost")
    service = DEMO.click_service_id

    found = merchant_api(simulators, "GET", f"payment/status_by_mti/{service}/{ORDER}").json()
    payment = found["payment_id"]
    reversed_ = merchant_api(simulators, "DELETE", f"payment/reversal/{service}/{payment}").json()
    again = merchant_api(simulators, "DELETE", f"payment/reversal/{service}/{payment}").json()

    assert found["payment_status"] == 2
    assert (reversed_["error_code"], reversed_["payment_id"]) == (0, payment)
    assert again["error_code"] != 0
    assert merchant_api(simulators, "GET", f"payment/status/{service}/{payment}").json()["payment_status"] < 0
    assert money_with_shop(simulators) == 0


def test_the_merchant_api_of_click_wants_its_digest_and_bills_a_phone(run):
    shop = ClickShop()
    simulators = run(shop)
    asked = {
        "service_id": DEMO.click_service_id,
        "amount": 12500.0,
        "phone_number": "998901234567",
        "merchant_trans_id": ORDER,
    }

    refused = merchant_api(simulators, "POST", "invoice/create", secret="another", **asked)
    invoice = merchant_api(simulators, "POST", "invoice/create", **asked).json()["invoice_id"]
    HTTP.post(f"{simulators.base}/_/click/{ORDER}/pay")

    assert refused.status_code == 401
    assert (
        merchant_api(simulators, "GET", f"invoice/status/{DEMO.click_service_id}/{invoice}").json()[
            "invoice_status"
        ]
        == 1
    )
    assert shop.is_paid


def test_payme_s_statement_is_that_of_the_shop(run):
    simulators = run(PaymeShop())
    simulators.act(link_of(simulators, "payme"), "pay")

    said = HTTP.post(f"{simulators.base}/_/payme/statement", json={"from": 0, "to": 2**50}).json()

    assert [each["id"] for each in said["shop"]["result"]["transactions"]] == [
        each["_id"] for each in said["payme"]
    ]


def test_what_is_told_is_in_the_journal(run):
    simulators = run(UzumShop())
    simulators.act(link_of(simulators, "uzum"), "pay")

    entries = HTTP.get(f"{simulators.base}/_/journal?provider=uzum&kind=callback").json()["entries"]

    assert [each["title"] for each in entries] == ["check", "create", "confirm"]
    assert json.dumps(entries[1]["sent"]["params"]) == json.dumps({"order_id": ORDER})
