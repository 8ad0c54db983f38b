"""Stripe and Razorpay as their official SDKs see them, PayPal over plain HTTP; what the shop is told, and by whom."""

from __future__ import annotations

import json
import time
import zlib

import httpx
import pytest
import razorpay
import stripe
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from karvon.simulators.credentials import DEMO
from karvon.simulators.paypal_keys import message
from karvon.simulators.razorpay_objects import checkout_link, payment_signature, webhook_signature
from karvon.simulators.stripe import signature
from karvon.simulators.tests.shops import AMOUNT, Shop

HTTP = httpx.Client(verify=False)
EVERYBODY = pytest.mark.parametrize("provider", ["stripe", "razorpay", "paypal"])


# --- the three as a shop uses them ---
class AtStripe:
    paid = "checkout.session.completed"

    def __init__(self, simulators):
        options = {"base_addresses": {"api": f"{simulators.base}/stripe"}, "max_network_retries": 0}
        self.client = stripe.StripeClient(DEMO.stripe_secret_key, **options).v1

    def asked(self, **more):
        price = {"currency": "uzs", "unit_amount": AMOUNT, "product_data": {"name": "Order 41"}}
        return {
            "mode": "payment", "line_items": [{"quantity": 1, "price_data": price}], "client_reference_id": "41",
            "success_url": "http://shop.example/?s={CHECKOUT_SESSION_ID}", "cancel_url": "http://shop.example/no",
            "metadata": {"order_id": "41"}, "payment_intent_data": {"metadata": {"order_id": "41"}},
            "expires_at": int(time.time()) + 1800, **more,
        }  # fmt: skip

    def begin(self) -> str:
        self.session = self.client.checkout.sessions.create(self.asked())
        return str(self.session.url)

    def status(self) -> str:
        return str(self.client.checkout.sessions.retrieve(self.session.id).payment_status)

    def verify(self, call):
        header = call.headers["Stripe-Signature"]
        stripe.Webhook.construct_event(call.body, header, DEMO.stripe_webhook_secret)

    refusal = stripe.SignatureVerificationError


class AtRazorpay:
    paid = "order.paid"

    def __init__(self, simulators):
        self.base = f"{simulators.base}/razorpay"
        self.client = razorpay.Client(
            auth=(DEMO.razorpay_key_id, DEMO.razorpay_key_secret), base_url=self.base
        )

    def begin(self) -> str:
        self.order = self.client.order.create(
            {"amount": AMOUNT, "currency": "INR", "receipt": "41", "notes": {"order_id": "41"}}
        )
        return checkout_link(
            self.base, DEMO.razorpay_key_id, self.order["id"], callback_url="http://shop.example/"
        )

    def status(self) -> str:
        return {"paid": "paid"}.get(self.client.order.fetch(self.order["id"])["status"], "unpaid")

    def payment(self):
        return self.client.order.payments(self.order["id"])["items"][0]

    def verify(self, call):
        text, header = call.body.decode(), call.headers["X-Razorpay-Signature"]
        self.client.utility.verify_webhook_signature(text, header, DEMO.razorpay_webhook_secret)

    refusal = razorpay.errors.SignatureVerificationError


class AtPayPal:
    paid = "CHECKOUT.ORDER.APPROVED"

    def __init__(self, simulators):
        self.base = f"{simulators.base}/paypal"
        asked = {"grant_type": "client_credentials"}
        answer = HTTP.post(
            f"{self.base}/v1/oauth2/token",
            auth=(DEMO.paypal_client_id, DEMO.paypal_client_secret),
            data=asked,
        )
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def call(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return HTTP.request(method, self.base + path, json=body, headers=self.headers | named)

    def create(self, key="order-41-1", value="12500.00", **unit):
        urls = {"return_url": "http://shop.example/yes", "cancel_url": "http://shop.example/no"}
        body = {
            "intent": "CAPTURE",
            "purchase_units": [
                {"custom_id": "41", "amount": {"currency_code": "USD", "value": value}, **unit}
            ],
            "payment_source": {"paypal": {"experience_context": urls}},
        }
        return self.call("POST", "/v2/checkout/orders", body, PayPal_Request_Id=key)

    def begin(self) -> str:
        self.order = self.create().json()
        return next(each["href"] for each in self.order["links"] if each["rel"] == "payer-action")

    def capture(self, key="capture-41-1"):
        return self.call("POST", f"/v2/checkout/orders/{self.order['id']}/capture", {}, PayPal_Request_Id=key)

    def status(self) -> str:
        return "paid" if self.capture().status_code in (200, 201) else "unpaid"

    def verify(self, call):
        """Offline, with the certificate that the header names."""
        headers = call.headers
        certificate = x509.load_pem_x509_certificate(HTTP.get(headers["PAYPAL-CERT-URL"]).content)
        text = message(
            headers["PAYPAL-TRANSMISSION-ID"],
            headers["PAYPAL-TRANSMISSION-TIME"],
            DEMO.paypal_webhook_id,
            call.body,
        )
        signature = __import__("base64").b64decode(headers["PAYPAL-TRANSMISSION-SIG"])
        certificate.public_key().verify(signature, text, padding.PKCS1v15(), hashes.SHA256())

    def postback(self, call) -> str:
        names = {
            "auth_algo": "PAYPAL-AUTH-ALGO", "cert_url": "PAYPAL-CERT-URL", "transmission_id": "PAYPAL-TRANSMISSION-ID",
            "transmission_sig": "PAYPAL-TRANSMISSION-SIG", "transmission_time": "PAYPAL-TRANSMISSION-TIME",
        }  # fmt: skip
        fields = {name: call.headers[header] for name, header in names.items()} | {
            "webhook_id": DEMO.paypal_webhook_id
        }
        text = json.dumps(fields)[:-1] + ', "webhook_event": ' + call.body.decode() + "}"
        url = f"{self.base}/v1/notifications/verify-webhook-signature"
        return str(HTTP.post(url, content=text, headers=self.headers).json()["verification_status"])

    from cryptography.exceptions import InvalidSignature as refusal


AT = {"stripe": AtStripe, "razorpay": AtRazorpay, "paypal": AtPayPal}


@pytest.fixture
def began(run, provider):
    shop = Shop()
    simulators = run(shop)
    at = AT[provider](simulators)
    return simulators, shop, at, at.begin()


# --- what is the same for all ---
@EVERYBODY
def test_a_payment_is_told_with_signatures_that_hold(began):
    simulators, shop, at, link = began
    before = at.status()

    act = simulators.act(link, "pay")

    assert before == "unpaid"
    assert at.paid in shop.titles()
    for call in shop.calls:
        at.verify(call)
    assert act.back is not None
    assert at.status() == "paid"
    assert [each["amount"] for each in simulators.charges()] == [AMOUNT]


@EVERYBODY
def test_a_forger_is_told_from_the_provider_and_nothing_is_paid(began):
    simulators, shop, at, link = began

    simulators.act(link, "wrong-signature")

    assert at.paid in shop.titles()
    for call in shop.calls:
        with pytest.raises(at.refusal):
            at.verify(call)
    assert at.status() == "unpaid"
    assert simulators.charges() == []


@EVERYBODY
def test_a_lost_callback_leaves_the_truth_with_the_provider(began):
    simulators, shop, at, link = began

    simulators.act(link, "callback-lost")
    status = at.status()
    simulators.deliver()

    assert status == "paid"
    assert shop.calls == []
    assert len(simulators.charges()) == 1


@EVERYBODY
def test_shuffled_callbacks_come_three_times_with_the_same_ids(began):
    simulators, shop, at, link = began

    simulators.act(link, "callback-shuffled")

    assert shop.titles().count(at.paid) == 3
    bodies = [call.body for call in shop.calls if call.title == at.paid]
    assert len(set(bodies)) == 1
    assert len(simulators.charges()) == (
        0 if at.paid.startswith("CHECKOUT") else 1
    )  # there the shop captures


@EVERYBODY
def test_what_the_shop_does_not_take_comes_again(began):
    simulators, shop, _at, link = began
    shop.is_deaf = True

    simulators.act(link, "pay")
    lost = len(shop.calls)
    shop.is_deaf = False
    simulators.deliver()

    assert shop.titles()[lost:] == shop.titles()[:lost]


@EVERYBODY
def test_late_means_that_nothing_is_paid_before(began):
    simulators, shop, at, link = began

    simulators.act(link, "pay-late")
    before = at.status(), shop.titles()
    simulators.deliver()

    assert before == ("unpaid", [])
    assert at.paid in shop.titles()
    assert at.status() == "paid"


@EVERYBODY
def test_a_second_payment_of_the_same_order_is_a_payment_of_its_own(began):
    simulators, shop, at, link = began

    simulators.act(link, "pay-twice")

    assert shop.titles().count(at.paid) == 2
    if not at.paid.startswith("CHECKOUT"):
        assert [each["order"] for each in simulators.charges()] == ["41", "41"]


@EVERYBODY
def test_the_pay_page_is_there_while_the_api_is_down(began):
    simulators, _shop, _at, link = began
    name = simulators.world.open(link)[0]

    HTTP.post(f"{simulators.base}/_/{name}/mode", json={"mode": "down"})
    page = HTTP.get(link)
    status = HTTP.get(f"{simulators.base}/{name}/v1/anything-with-a-route")

    assert page.status_code == 200
    assert "12\N{NO-BREAK SPACE}500.00" in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert status.status_code in (400, 404)


@EVERYBODY
@pytest.mark.parametrize("mode", ["down", "drop", "lost", "slow"])
def test_a_provider_in_trouble_answers_500_late_or_never(began, mode):
    simulators, _shop, _at, link = began
    name = simulators.world.open(link)[0]
    simulators.world.set_mode(name, {"mode": mode, "seconds": 5})
    path = {"stripe": "/v1/balance", "razorpay": "/v1/orders", "paypal": "/v2/checkout/orders/1"}[name]

    if mode == "down":
        assert HTTP.get(f"{simulators.base}/{name}{path}").status_code == 500
    else:
        with pytest.raises(httpx.ReadTimeout if mode == "slow" else httpx.RemoteProtocolError):
            HTTP.get(f"{simulators.base}/{name}{path}", timeout=0.2)


# --- Stripe ---
def test_stripe_s_vector():
    body = b'{"id":"evt_test_1","object":"event"}'

    found = signature("whsec_test_secret", body, 1700000000)

    assert found == "29ab30b7065c11b28e53ac114fac5d6c492ed811a12d11ed2c2aad5bb4cf9809"


@pytest.fixture
def at_stripe(run):
    shop = Shop()
    simulators = run(shop)
    return simulators, shop, AtStripe(simulators)


def test_an_idempotency_key_is_good_for_one_set_of_parameters(at_stripe):
    _simulators, _shop, at = at_stripe
    create, key = at.client.checkout.sessions.create, {"idempotency_key": "order-41-attempt-1"}
    asked = at.asked()

    first, second = create(asked, key), create(asked, key)

    assert first.id == second.id
    with pytest.raises(stripe.IdempotencyError):
        create(asked | {"client_reference_id": "42"}, key)
    assert len(at.client.checkout.sessions.list().data) == 1


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"mode": "gift"}, "mode"),
        ({"success_url": ""}, "success_url"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"expires_at": 1}, "expires_at"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        ({"nonsense": "1"}, "nonsense"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0]"),
        ({"line_items": [{"quantity": 1, "price_data": {"currency": "uzs", "unit_amount": "1.5", "product_data": {"name": "x"}}}]},
         "line_items[0][price_data][unit_amount]"),
    ],
)  # fmt: skip
def test_a_session_that_stripe_would_refuse_is_refused(at_stripe, wrong, param):
    _simulators, _shop, at = at_stripe

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        at.client.checkout.sessions.create(at.asked(**wrong))

    assert refusal.value.param == param
    assert at.client.checkout.sessions.list().data == []


def test_another_key_opens_nothing(at_stripe):
    simulators, _shop, _at = at_stripe
    stranger = stripe.StripeClient(
        "sk_test_other", base_addresses={"api": f"{simulators.base}/stripe"}, max_network_retries=0
    )

    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.balance.retrieve()


def test_a_session_is_expanded_refunded_in_parts_and_reported(at_stripe):
    simulators, shop, at = at_stripe
    simulators.act(at.begin(), "pay")
    session = at.client.checkout.sessions.retrieve(
        at.session.id, {"expand": ["line_items", "payment_intent.latest_charge"]}
    )
    refund, intent = at.client.refunds.create, session.payment_intent.id

    part = refund(
        {"payment_intent": intent, "amount": 250_000, "metadata": {"refund": "1"}},
        {"idempotency_key": "refund-1"},
    )
    again = refund(
        {"payment_intent": intent, "amount": 250_000, "metadata": {"refund": "1"}},
        {"idempotency_key": "refund-1"},
    )
    with pytest.raises(stripe.InvalidRequestError):
        refund({"payment_intent": intent, "amount": AMOUNT})
    rest = refund({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as spent:
        refund({"payment_intent": intent})
    simulators.deliver()

    assert session.line_items.data[0].amount_total == session.payment_intent.latest_charge.amount == AMOUNT
    assert session.payment_intent.metadata["order_id"] == "41"
    assert (part.id, part.status, rest.amount) == (again.id, "succeeded", AMOUNT - 250_000)
    assert spent.value.code == "charge_already_refunded"
    assert shop.titles().count("charge.refunded") == 2
    moved = [
        each.amount
        for each in at.client.balance_transactions.list({"created": {"gte": 1}}).auto_paging_iter()
    ]
    assert sorted(moved) == sorted([AMOUNT, -250_000, 250_000 - AMOUNT])
    assert [each["returned"] for each in simulators.charges()] == [AMOUNT]


def test_an_expired_session_is_told_and_not_paid(at_stripe):
    simulators, shop, at = at_stripe
    link = at.begin()
    simulators.act(link, "pay-late")

    at.client.checkout.sessions.expire(at.session.id)
    simulators.deliver()

    assert shop.titles() == ["checkout.session.expired"]
    assert at.status() == "unpaid"
    assert simulators.charges() == []
    with pytest.raises(stripe.InvalidRequestError):
        at.client.checkout.sessions.expire(at.session.id)


@pytest.mark.parametrize(
    ("behaviour", "word", "count"), [("async-pay", "succeeded", 1), ("async-decline", "failed", 0)]
)
def test_a_slow_method_completes_unpaid_and_ends_later(at_stripe, behaviour, word, count):
    simulators, shop, at = at_stripe

    simulators.act(at.begin(), behaviour)
    before = at.status()
    simulators.deliver()

    assert before == "unpaid"
    assert shop.titles() == ["checkout.session.completed", f"checkout.session.async_payment_{word}"]
    assert len(simulators.charges()) == count


def test_a_declined_card_leaves_the_session_open(at_stripe):
    simulators, shop, at = at_stripe
    link = at.begin()

    simulators.act(link, "decline")
    simulators.act(link, "pay")

    assert shop.titles()[:2] == ["charge.failed", "payment_intent.payment_failed"]
    assert at.status() == "paid"


# --- Razorpay ---
def test_razorpay_s_vectors():
    assert payment_signature("key_secret", "fake_order_id", "fake_payment_id") == (
        "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
    )
    secret = "EnLs21M47BllR3X8PSFtjtbd"
    assert payment_signature(secret, "order_IEIaMR65cu6nz3", "pay_IH4NVgf4Dreq1l") == (
        "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"
    )
    assert payment_signature(secret, "plink_IH3cNucfVEgV68", "TSsd1989", "paid", "pay_IH3d0ara9bSsjQ") == (
        "07ae18789e35093e51d0a491eb9922646f3f82773547e5b0f67ee3f2d3bf7d5b"
    )
    assert payment_signature(secret, "pay_IDZNwZZFtnjyym", "sub_ID6MOhgkcoHj9I") == (
        "601f383334975c714c91a7d97dd723eb56520318355863dcf3821c0d07a17693"
    )
    assert webhook_signature("whsecret", b'{"event":"payment.captured"}') == (
        "ecb84b56ebec4842703542b4f4772b1cc5eb6dcf7f98a2195ab5afbd728cfd47"
    )


@pytest.fixture
def at_razorpay(run):
    shop = Shop()
    simulators = run(shop)
    return simulators, shop, AtRazorpay(simulators)


def test_the_browser_brings_signed_ids_and_events_have_ids_of_their_own(at_razorpay):
    simulators, shop, at = at_razorpay
    link = at.begin()

    act = simulators.act(link, "pay")

    fields = simulators.world.providers["razorpay"].checkout_answer(at.order["id"])
    at.client.utility.verify_payment_signature(fields)
    assert act.back is not None
    assert all(text.encode() in act.back.body for text in fields.values())
    assert shop.titles() == ["payment.authorized", "payment.captured", "order.paid"]
    assert len({call.headers["x-razorpay-event-id"] for call in shop.calls}) == 3


def test_checkout_s_script_leads_to_the_hosted_page(at_razorpay):
    _simulators, _shop, at = at_razorpay
    link = at.begin()

    script = HTTP.get(f"{at.base}/v1/checkout.js")
    posted = HTTP.post(f"{at.base}/v1/checkout/embedded", data=dict(httpx.URL(link).params))

    assert script.headers["Content-Type"] == "text/javascript"
    assert f'"{at.base}" + "/v1/checkout/embedded?"' in script.text
    assert (posted.status_code, "<dd>41</dd>" in posted.text) == (200, True)
    assert HTTP.get(f"{at.base}/v1/checkout/embedded?key_id=x&order_id=y").status_code == 404


def test_what_is_only_authorized_is_captured_by_the_shop_in_full(at_razorpay):
    simulators, shop, at = at_razorpay
    simulators.act(at.begin(), "authorize")
    payment = at.payment()

    with pytest.raises(razorpay.errors.BadRequestError):
        at.client.payment.capture(payment["id"], AMOUNT - 1, {"currency": "INR"})
    captured = at.client.payment.capture(payment["id"], AMOUNT, {"currency": "INR"})
    simulators.deliver()

    assert (payment["status"], captured["status"]) == ("authorized", "captured")
    assert shop.titles() == ["payment.authorized", "payment.captured", "order.paid"]


def test_a_refund_is_given_once_for_its_key_and_never_more_than_was_paid(at_razorpay):
    simulators, shop, at = at_razorpay
    simulators.act(at.begin(), "pay")
    payment, key = at.payment()["id"], {"X-Refund-Idempotency": "refund-0001"}
    refund = at.client.payment.refund

    first, second = (refund(payment, {"amount": 250_000}, headers=dict(key)) for _ in range(2))
    for wrong, headers in (
        ({"amount": 1}, key),
        ({"amount": AMOUNT}, {}),
        ({"amount": 1}, {"X-Refund-Idempotency": "short"}),
    ):
        with pytest.raises(razorpay.errors.BadRequestError):
            refund(payment, wrong, headers=dict(headers))
    simulators.deliver()

    assert (first["id"], first["status"]) == (second["id"], "processed")
    assert at.client.payment.fetch(payment)["refund_status"] == "partial"
    assert shop.titles()[-2:] == ["refund.created", "refund.processed"]
    assert [each["returned"] for each in simulators.charges()] == [250_000]
    today = time.gmtime()
    report = at.client.settlement.report({"year": today.tm_year, "month": today.tm_mon})
    assert sorted(each["type"] for each in report["items"]) == ["payment", "refund"]


@pytest.mark.parametrize(
    "wrong", [{"amount": 99}, {"amount": 1.5}, {"amount": "5"}, {"currency": "rupees"}, {"receipt": "x" * 41}]
)
def test_an_order_that_razorpay_would_refuse_is_refused(at_razorpay, wrong):
    _simulators, _shop, at = at_razorpay

    with pytest.raises(razorpay.errors.BadRequestError):
        at.client.order.create({"amount": 100, "currency": "INR"} | wrong)

    assert at.client.order.all()["count"] == 0


# --- PayPal ---
def test_paypal_s_vector():
    body = b'{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED"}'

    assert zlib.crc32(body) == 2325436976
    assert (
        message("tx-1", "2026-01-15T10:00:00Z", "WHID", body) == b"tx-1|2026-01-15T10:00:00Z|WHID|2325436976"
    )


@pytest.fixture
def at_paypal(run):
    shop = Shop()
    simulators = run(shop)
    return simulators, shop, AtPayPal(simulators)


def issue(answer) -> str:
    return str(answer.json()["details"][0]["issue"])


def test_an_order_is_captured_once_after_approval(at_paypal):
    simulators, shop, at = at_paypal
    link = at.begin()
    early = at.capture("too-early")

    simulators.act(link, "pay")
    first, second, other = at.capture(), at.capture(), at.capture("capture-41-2")
    simulators.deliver()

    assert (early.status_code, issue(early)) == (422, "ORDER_NOT_APPROVED")
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert (other.status_code, issue(other)) == (422, "ORDER_ALREADY_CAPTURED")
    assert shop.titles() == ["CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"]
    assert at.create().json()["id"] == at.order["id"]
    assert len(simulators.charges()) == 1


def test_the_postback_knows_what_paypal_has_signed(at_paypal):
    simulators, shop, at = at_paypal
    link = at.begin()
    simulators.act(link, "wrong-signature")
    simulators.act(link, "pay")
    forged, real = shop.calls

    assert (at.postback(forged), at.postback(real)) == ("FAILURE", "SUCCESS")
    tampered = type(real)(**{**vars(real), "body": real.body.replace(b"12500.00", b"12500.01")})
    assert at.postback(tampered) == "FAILURE"


@pytest.mark.parametrize(
    ("behaviour", "status", "told"),
    [
        ("pending", "COMPLETED", "PAYMENT.CAPTURE.COMPLETED"),
        ("pending-denied", "DECLINED", "PAYMENT.CAPTURE.DENIED"),
    ],
)
def test_a_capture_may_wait_for_review(at_paypal, behaviour, status, told):
    simulators, shop, at = at_paypal
    simulators.act(at.begin(), behaviour)

    capture = at.capture().json()["purchase_units"][0]["payments"]["captures"][0]
    simulators.deliver()

    assert capture["status"] == "PENDING"
    assert at.call("GET", f"/v2/payments/captures/{capture['id']}").json()["status"] == status
    assert shop.titles()[1:] == ["PAYMENT.CAPTURE.PENDING", told]
    assert len(simulators.charges()) == (status == "COMPLETED")


def test_a_declined_instrument_sends_the_payer_back(at_paypal):
    simulators, _shop, at = at_paypal
    link = at.begin()
    simulators.act(link, "decline")

    declined = at.capture("first")
    simulators.act(link, "pay")

    assert (declined.status_code, issue(declined)) == (422, "INSTRUMENT_DECLINED")
    assert at.capture("second").status_code == 201


def test_a_capture_is_refunded_in_parts_and_reported(at_paypal):
    simulators, shop, at = at_paypal
    simulators.act(at.begin(), "pay")
    capture = at.capture().json()["purchase_units"][0]["payments"]["captures"][0]["id"]
    path = f"/v2/payments/captures/{capture}/refund"

    part = at.call(
        "POST", path, {"amount": {"currency_code": "USD", "value": "2500.00"}}, PayPal_Request_Id="r1"
    )
    again = at.call(
        "POST", path, {"amount": {"currency_code": "USD", "value": "2500.00"}}, PayPal_Request_Id="r1"
    )
    more = at.call("POST", path, {"amount": {"currency_code": "USD", "value": "12500.00"}})
    other = at.call("POST", path, {"amount": {"currency_code": "EUR", "value": "1.00"}})
    rest = at.call("POST", path, {}, Prefer="return=representation")
    spent = at.call("POST", path, {})
    simulators.deliver()

    assert (part.status_code, again.status_code, part.json()["id"]) == (201, 200, again.json()["id"])
    assert issue(more) == "REFUND_AMOUNT_EXCEEDED"
    assert issue(other) == "REFUND_CAPTURE_CURRENCY_MISMATCH"
    assert rest.json()["amount"]["value"] == "10000.00"
    assert issue(spent) == "CAPTURE_FULLY_REFUNDED"
    assert shop.titles().count("PAYMENT.CAPTURE.REFUNDED") == 2
    period = "start_date=2000-01-01T00:00:00Z&end_date=2100-01-01T00:00:00Z"
    rows = at.call("GET", f"/v1/reporting/transactions?{period}").json()["transaction_details"]
    values = [each["transaction_info"]["transaction_amount"]["value"] for each in rows]
    assert sorted(values) == ["-10000.00", "-2500.00", "12500.00"]


@pytest.mark.parametrize(
    ("value", "found"),
    [("1.234", "DECIMAL_PRECISION"), ("0.00", "CANNOT_BE_ZERO_OR_NEGATIVE"), ("-1.00", "DECIMAL_PRECISION")],
)
def test_an_amount_that_paypal_would_refuse_is_refused(at_paypal, value, found):
    _simulators, _shop, at = at_paypal

    assert issue(at.create(value=value)) == found


def test_paypal_wants_its_client_and_a_living_token(at_paypal):
    _simulators, _shop, at = at_paypal

    wrong = HTTP.post(
        f"{at.base}/v1/oauth2/token", auth=("x", "y"), data={"grant_type": "client_credentials"}
    )
    at.headers = {"Authorization": "Bearer nothing"}

    assert wrong.status_code == 401
    assert at.call("GET", "/v2/checkout/orders/1").status_code == 401
