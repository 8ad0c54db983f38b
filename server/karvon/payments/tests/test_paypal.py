"""PayPal, rule by rule, against its simulator, which signs with an RSA key of its own."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import Store

from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders import books
from karvon.orders.models import OrderState, PaymentState
from karvon.orders.services import cancel_order, expire_unpaid_orders
from karvon.payments import outside, tasks
from karvon.payments.errors import (
    AmountOutOfRange,
    CurrencyNotSupported,
    ProviderRefused,
    ProviderUnavailable,
    SignatureInvalid,
)
from karvon.payments.models import (
    Difference,
    DifferenceKind,
    EventOutcome,
    Payment,
    PaymentStatus,
    ProviderEvent,
    RefundReason,
    RefundState,
)
from karvon.payments.protocol import RefundOrder
from karvon.payments.providers import paypal_line, paypal_signatures
from karvon.payments.providers.paypal import PayPal
from karvon.payments.providers.paypal_signatures import Transmission, is_certificate_address, verify
from karvon.payments.services import ask_provider, begin_payment, receive_callback, send_due_refunds
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import callback, platform, simulated
from karvon.simulators.paypal_keys import KEYS
from karvon.simulators.world import Call

pytestmark = pytest.mark.django_db


@pytest.fixture
def simulators(settings):
    paypal_line._tokens.clear()
    with simulated(settings) as running:
        yield running
        assert running.complaints() == []


@pytest.fixture
def paypal(simulators):
    return simulators.world.providers["paypal"]


@pytest.fixture
def order(simulators):
    return order_in("USD")


def order_in(currency: str, price: str = "12.34"):
    merchant = make_merchant(currency=currency)
    return make_unpaid("paypal", (make_variant(merchant=merchant, units=10, price=price), 2))


def begin(order) -> Payment:
    return begin_payment(order_id=order.pk, provider="paypal", payer=order.customer)


def press(simulators, payment: Payment, behaviour: str):
    return simulators.act(payment.next_step["url"], behaviour)


def pay(simulators, payment: Payment, behaviour: str = "pay") -> Payment:
    """The payer approves, and the worker captures."""
    press(simulators, payment, behaviour)
    tasks.ask_provider(payment.pk)
    simulators.deliver()
    payment.refresh_from_db()
    return payment


def is_paid(order) -> bool:
    drain_outbox()
    order.refresh_from_db()
    assert books.verify_books() == []
    return (order.state, order.payment_state) == (OrderState.CONFIRMED, PaymentState.PAID)


def requests(simulators, path: str) -> int:
    return sum(each["title"].endswith(path) for each in simulators.world.journal.listed("paypal", "request"))


# --- the order ---
def test_where_the_payer_goes(simulators, paypal, order):
    payment = begin(order)

    unit = paypal.books.orders[payment.reference]["purchase_units"][0]
    assert payment.next_step["kind"] == "redirect"
    assert payment.next_step["url"].endswith(f"/checkoutnow?token={payment.reference}")
    assert unit["amount"] == {"currency_code": "USD", "value": str(order.total.quantize(Decimal("0.01")))}
    assert (unit["custom_id"], unit["invoice_id"]) == (
        str(order.pk),
        f"order-{order.pk}-payment-{payment.pk}",
    )
    assert payment.expires_at - clock.now() > timedelta(hours=2)
    assert begin(order).pk == payment.pk


def test_an_answer_that_was_lost_is_not_a_second_order(simulators, paypal, order):
    PayPal().check(platform_of(simulators))  # its token is known
    simulators.world.set_mode("paypal", {"mode": "lost"})
    with pytest.raises(ProviderUnavailable):
        begin(order)
    simulators.world.set_mode("paypal", {"mode": "ok"})

    payment = begin(order)

    assert list(paypal.books.orders) == [payment.reference]


def platform_of(simulators):
    from django.conf import settings

    return platform(settings, "paypal")


def test_currencies_that_paypal_does_not_take_and_those_without_decimals(simulators, paypal):
    with pytest.raises(CurrencyNotSupported):
        begin(order_in("UZS"))
    with pytest.raises(AmountOutOfRange):
        begin(order_in("TWD", "10.25"))
    payment = begin(order_in("HUF", "500"))
    assert "." not in paypal.books.orders[payment.reference]["purchase_units"][0]["amount"]["value"]


# --- paying ---
def test_approved_is_captured_by_the_worker_and_paid_when_completed(
    simulators, order, django_capture_on_commit_callbacks, monkeypatch
):
    payment, asked = begin(order), []
    monkeypatch.setattr(tasks.ask_provider, "delay", asked.append)

    press(simulators, payment, "pay")
    payment.refresh_from_db()
    assert payment.state == PaymentStatus.PENDING
    assert simulators.charges("paypal") == []
    with django_capture_on_commit_callbacks(execute=True):
        drain_outbox()
    assert asked == [payment.pk]
    for _again in range(2):
        assert tasks.ask_provider(payment.pk) == PaymentStatus.PAID
    simulators.deliver()

    assert is_paid(order)
    assert len(simulators.charges("paypal")) == 1
    assert requests(simulators, "/capture") == 1
    assert set(ProviderEvent.objects.values_list("outcome", flat=True)) == {EventOutcome.APPLIED}


def test_who_captures_twice_at_once_takes_the_money_once(simulators, paypal, order):
    payment = begin(order)
    press(simulators, payment, "pay")
    line, path = paypal_line.Line(platform_of(simulators)), f"/v2/checkout/orders/{payment.reference}"
    first = line.post(f"{path}/capture", {}, key=f"capture-{payment.reference}")
    again = line.post(f"{path}/capture", {}, key=f"capture-{payment.reference}")

    assert first["purchase_units"] == again["purchase_units"]
    assert PayPal()._capture(line, payment.reference)
    paypal.books.replays.clear()  # the key is forgotten: captured already
    (fact,) = PayPal()._capture(line, payment.reference)
    assert fact.amount == order.total
    assert len(simulators.charges("paypal")) == 1


def test_events_three_times_and_out_of_order_pay_once(simulators, order):
    pay(simulators, begin(order), "callback-shuffled")

    assert is_paid(order)
    assert Payment.objects.count() == 1
    # with a whole signature, who looks at raw events could say something of the same checksum
    signatures = ProviderEvent.objects.values_list("headers__paypal-transmission-sig", flat=True)
    assert {len(each) for each in signatures} == {16}


@pytest.mark.parametrize("behaviour", ["callback-lost", "callback-late"])
def test_a_lost_event_is_made_good_by_asking(simulators, order, behaviour):
    assert pay(simulators, begin(order), behaviour).state == PaymentStatus.PAID
    assert is_paid(order)


def test_a_declined_card_sends_the_payer_back(simulators, order):
    payment = pay(simulators, begin(order), "decline")
    assert (payment.state, payment.failure) == (PaymentStatus.PENDING, "INSTRUMENT_DECLINED")
    assert begin(order).pk == payment.pk

    assert pay(simulators, payment).state == PaymentStatus.PAID
    assert is_paid(order)


def test_a_capture_that_waits_is_not_paid(simulators, paypal, order):
    payment = begin(order)
    press(simulators, payment, "pending")

    assert ask_provider(payment_id=payment.pk).state == PaymentStatus.PENDING
    assert paypal.books.orders[payment.reference]["status"] == "COMPLETED"
    assert not is_paid(order)
    simulators.deliver()
    assert is_paid(order)


def test_a_denied_capture_ends_the_payment_and_the_next_try_is_another(simulators, order):
    payment = pay(simulators, begin(order), "pending-denied")
    assert payment.state == PaymentStatus.FAILED

    other = begin(order)

    assert (other.pk, other.reference) != (payment.pk, payment.reference)
    assert pay(simulators, other).state == PaymentStatus.PAID
    assert is_paid(order)


def test_nobody_has_approved_yet_and_an_order_that_is_forgotten(simulators, paypal, order):
    payment = begin(order)
    assert ask_provider(payment_id=payment.pk).state == PaymentStatus.PENDING
    del paypal.books.orders[payment.reference]
    assert ask_provider(payment_id=payment.pk).state == PaymentStatus.EXPIRED


def test_late_money_brings_the_order_back(simulators, order):
    payment = begin(order)
    expire_unpaid_orders(now=clock.now() + timedelta(days=2))
    drain_outbox()

    assert pay(simulators, payment).state == PaymentStatus.PAID
    assert is_paid(order)


# --- what PayPal has not sent, and what does not fit ---
def event(simulators, paypal, payment: Payment, kind="PAYMENT.CAPTURE.COMPLETED", **changes) -> Call:
    """A signed event about a capture of this payment's order, changed as told; PayPal knows of it."""
    with simulators.world.unseen(paypal.books):
        paypal.take_money(payment.reference)
        paypal._capture(paypal.books.orders[payment.reference], is_pending=False)
        capture = next(iter(paypal.books.captures.values())) | changes
    return paypal.signed(paypal._event(kind, "capture", capture))


def tell(call: Call, **changes):
    return receive_callback(provider="paypal", request=callback(call, **changes))


def headers_with(call: Call, **changes: str) -> dict[str, str]:
    named = {name.replace("_", "-"): text for name, text in changes.items()}
    return {name: text for name, text in (callback(call).headers | named).items() if text}


@pytest.mark.parametrize("check", ["", "postback"])
def test_forged_and_stale_events_change_nothing(simulators, paypal, order, settings, check):
    settings.KARVON_PROVIDERS["paypal"]["PAYPAL_WEBHOOK_CHECK"] = check
    payment = begin(order)
    call, other = event(simulators, paypal, payment), event(simulators, paypal, payment, status="PENDING")
    signature = "paypal_transmission_sig"
    changes = [
        {"headers": headers_with(call, **{signature: other.headers["PAYPAL-TRANSMISSION-SIG"]})},
        {"headers": headers_with(call, **{signature: "no base64"})},
        {"headers": headers_with(call, **{signature: ""})},
        {"headers": headers_with(call, paypal_transmission_id="another")},
        {"headers": headers_with(call, paypal_auth_algo="none")},
        {"headers": headers_with(call, paypal_auth_algo="SHA1withRSA")},
        {"headers": headers_with(call, paypal_transmission_time="2020-01-01T00:00:00Z")},
        {"headers": headers_with(call, paypal_transmission_time="yesterday")},
        {"headers": headers_with(call, paypal_cert_url="https://api.paypal.com.evil.example/cert")},
        {"headers": headers_with(call, content_type="text/plain")},
        {"body": call.body.replace(b'"COMPLETED"', b'"COMPLETED" ', 1)},
        {"body": other.body},
        {"body": call.body + b', "webhook_id": "other"'},
        {"body": b"[]"},
        {"body": b""},
        {"received_at": clock.now() + timedelta(days=5)},
    ]

    for each in changes:
        with pytest.raises(SignatureInvalid):
            tell(call, **each)
    press(simulators, payment, "wrong-signature")

    payment.refresh_from_db()
    assert payment.state == PaymentStatus.PENDING
    assert set(ProviderEvent.objects.values_list("outcome", "is_verified")) == {(EventOutcome.FORGED, False)}
    assert [tell(call).outcome for _again in range(2)] == [EventOutcome.APPLIED, EventOutcome.IGNORED]
    assert is_paid(order)


def other_event(paypal, **how) -> Call:
    return paypal.signed(paypal._event("OTHER", "other", {}), **how)


@pytest.fixture
def fetched(monkeypatch) -> list[str]:
    """The addresses of certificates that were fetched."""
    addresses: list[str] = []
    send = outside.send

    def look(method, url, **options):
        addresses.append(url)
        return send(method, url, **options)

    monkeypatch.setattr(outside, "send", look)
    return addresses


@pytest.mark.parametrize(("check", "questions"), [("", 0), ("postback", 1), ("offline", 0)])
def test_paypal_is_asked_about_nothing_that_its_key_has_not_signed(
    simulators, paypal, settings, fetched, check, questions
):
    settings.KARVON_PROVIDERS["paypal"]["PAYPAL_WEBHOOK_CHECK"] = check
    tell(other_event(paypal))
    assert requests(simulators, "/verify-webhook-signature") == questions

    for _each in range(5):
        with pytest.raises(SignatureInvalid):
            tell(other_event(paypal, forged=True))

    assert requests(simulators, "/verify-webhook-signature") == questions
    assert len([each for each in fetched if "/certs/" in each]) == 1


@pytest.mark.parametrize("is_theirs", [True, False])
def test_a_certificate_in_doubt_is_asked_about_and_never_believed_offline(
    simulators, paypal, order, settings, monkeypatch, is_theirs
):
    """On PayPal's own hosts nobody vouches for it but an authority."""
    monkeypatch.setattr(paypal_signatures, "_is_configured", lambda *_address: False)
    monkeypatch.setattr(paypal_signatures, "is_certificate_address", lambda *_address: True)
    call = paypal.signed(event := paypal._event("OTHER", "other", {}))
    if not is_theirs:
        del paypal.books.events[event["id"]]  # signed with a key of theirs, and not for us

    if is_theirs:
        assert tell(call).outcome == EventOutcome.IGNORED
    else:
        with pytest.raises(SignatureInvalid):
            tell(call)
    assert requests(simulators, "/verify-webhook-signature") == 1
    settings.KARVON_PROVIDERS["paypal"]["PAYPAL_WEBHOOK_CHECK"] = "offline"
    with pytest.raises(SignatureInvalid):
        tell(call)
    assert requests(simulators, "/verify-webhook-signature") == 1


def test_strangers_keep_few_of_us_busy_and_shut_nothing(simulators, paypal, order, fetched, monkeypatch):
    """Guarded by `asking_for_stranger`: each message may name a certificate that nobody has seen."""
    call = other_event(paypal)
    held = [outside._strangers.acquire(blocking=False) for _each in range(outside.STRANGERS)]
    with pytest.raises(ProviderUnavailable):
        tell(call)
    assert (held, fetched) == ([True] * outside.STRANGERS, [])
    for _each in held:
        outside._strangers.release()
    assert tell(call).outcome == EventOutcome.IGNORED

    asked = []
    away = f"{simulators.base}/paypal/v1/notifications/certs/CERT-unknown"
    monkeypatch.setattr(
        outside, "send", lambda _method, url: asked.append(url) or outside.Answer(503, {}, b"")
    )
    for _each in range(outside.FAILURES + 2):
        with pytest.raises(ProviderUnavailable):
            tell(call, headers=headers_with(call, paypal_cert_url=away))
    monkeypatch.undo()

    assert asked == [away] * outside.FAILURES
    assert tell(call).outcome == EventOutcome.IGNORED  # its certificate is known
    assert begin(order).state == PaymentStatus.PENDING


def certificate(name: str, issuer=None, *, is_authority=False, days=30):
    """A certificate by `issuer` (a certificate and its key), and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    by = issuer[0].subject if issuer else subject
    now, signing = clock.now(), issuer[1] if issuer else key
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(by).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=2))
        .not_valid_after(now - timedelta(days=1) + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )  # fmt: skip
    if is_authority:
        made = made.add_extension(x509.KeyUsage(**usage | {"key_cert_sign": True}), critical=True)
    return made.sign(signing, SHA256()), key


def test_an_authority_vouches_for_a_certificate(monkeypatch):
    root = certificate("Root", is_authority=True)
    between = certificate("Between", root, is_authority=True)
    theirs = certificate("messageverificationcerts.paypal.com", between)
    now = clock.now()
    assert not paypal_signatures.is_vouched_for([theirs[0], between[0]], now)  # none that we know
    monkeypatch.setattr(paypal_signatures, "_authorities", lambda: Store([root[0]]))

    assert paypal_signatures.is_vouched_for([theirs[0], between[0]], now)
    assert paypal_signatures.is_vouched_for([theirs[0], between[0], root[0]], now)
    for chain, at in [
        ([theirs[0]], now),  # the one between is missing
        ([theirs[0], between[0]], now + timedelta(days=60)),
        ([certificate("x.paypal.com")[0], between[0]], now),  # its own word
        ([certificate("x.paypal.com", certificate("Between"))[0], between[0]], now),  # another of that name
        ([certificate("x.paypal.com", theirs)[0], theirs[0], between[0]], now),  # none that may vouch
    ]:
        assert not paypal_signatures.is_vouched_for(chain, at)


def test_the_checksum_vector():
    body = b'{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED"}'
    sent = Transmission("tx-1", "2026-01-15T10:00:00Z", "", "")

    assert zlib.crc32(body) == 2325436976
    assert sent.message("WHID", body) == b"tx-1|2026-01-15T10:00:00Z|WHID|2325436976"


def test_a_certificate_has_to_hold_and_to_be_paypals():
    ours, other, now, text = KEYS.ours(), KEYS.other(), clock.now(), b"tx|time|WHID|5"
    certificate = x509.load_pem_x509_certificate(ours.certificate)

    verify(certificate, ours.sign(text), text, now)
    for which, signature, message, at in [
        (certificate, ours.sign(text), text + b"1", now),
        (certificate, other.sign(text), text, now),
        (certificate, ours.sign(text), text, now + timedelta(days=3700)),
        (x509.load_pem_x509_certificate(other.certificate), other.sign(text), text, now),
    ]:
        with pytest.raises(SignatureInvalid):
            verify(which, signature, message, at)


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://api.paypal.com/v1/notifications/certs/CERT-1", True),
        ("https://api.sandbox.paypal.com:443/v1/notifications/certs/CERT-1", True),
        ("http://api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("https://notpaypal.com/cert", False),
        ("https://api.paypal.com.evil.example/cert", False),
        ("https://api.paypal.com@evil.example/cert", False),
        ("https://evil.example/?https://api.paypal.com", False),
        ("https://api.paypal.com:8443/cert", False),
        ("https://[::1", False),
        ("https://evil.example\\.paypal.com/v1/notifications/certs/CERT-1", False),
        ("https://api.paypal.com/v1/notifications/certs/CERT-1?x=1", False),
        ("https://api.paypal.com/v1/notifications/certs/../../evil", False),
        ("https://www.paypal.com/somebodys/page", False),
        ("http://127.0.0.1:9/paypal/v1/notifications/certs/../../x", False),
        ("file:///etc/passwd", False),
        ("", False),
        ("http://127.0.0.1:9/paypal/v1/notifications/certs/CERT-karvon-demo", True),
        ("http://127.0.0.1:9/paypal/v1/other", False),
    ],
)
def test_where_certificates_may_be(url, is_theirs, settings):
    settings.KARVON_PROVIDERS = {"paypal": {"BASE_URL": "http://127.0.0.1:9/paypal"}}
    assert is_certificate_address(url, platform(settings, "paypal")) is is_theirs


@pytest.mark.parametrize(
    "amount",
    [{"value": "24.67", "currency_code": "USD"}, {"value": "24.69", "currency_code": "USD"}, {"value": "24.68", "currency_code": "EUR"},
     {"value": "2.468e1", "currency_code": "USD"}, {}],
    ids=["one cent less", "one cent more", "currency", "no plain number", "none"],
)  # fmt: skip
def test_an_amount_that_is_not_ours_is_shown_to_a_person(simulators, paypal, order, amount):
    assert order.total == Decimal("24.68")
    payment = begin(order)

    assert tell(event(simulators, paypal, payment, amount=amount)).outcome == EventOutcome.MISMATCH

    payment.refresh_from_db()
    assert payment.state == PaymentStatus.PENDING
    assert Difference.objects.get().kind == DifferenceKind.AMOUNT


def test_an_event_of_another_order_is_of_that_order(simulators, paypal, order):
    other = order_in("USD")
    mine, theirs = begin(order), begin(other)
    call = event(simulators, paypal, theirs, invoice_id=f"order-{order.pk}-payment-{mine.pk}")

    tell(call)

    mine.refresh_from_db()
    assert mine.state == PaymentStatus.PENDING
    foreign = event(
        simulators,
        paypal,
        mine,
        supplementary_data={"related_ids": {"order_id": "ANOTHERSHOPS"}},
        invoice_id="of another shop",
    )
    assert tell(foreign).outcome == EventOutcome.IGNORED
    mine.refresh_from_db()
    assert mine.state == PaymentStatus.PENDING


def test_a_dispute_is_shown_to_a_person(simulators, paypal, order):
    payment = pay(simulators, begin(order))
    disputed = {
        "disputed_transactions": [{"seller_transaction_id": payment.charge_reference}],
        "status": "OPEN",
    }

    tell(paypal.signed(paypal._event("CUSTOMER.DISPUTE.CREATED", "dispute", disputed)))

    assert Difference.objects.get().kind == DifferenceKind.DISPUTE


# --- refunds ---
@pytest.mark.parametrize(
    ("fate", "state"),
    [("ok", RefundState.SUCCEEDED), ("pending", RefundState.SUCCEEDED), ("fail", RefundState.FAILED)],
)
def test_a_refund_by_the_key_of_ours(simulators, paypal, order, fate, state):
    simulators.world.set_mode("paypal", {"mode": "ok", "refunds": fate})
    payment = pay(simulators, begin(order))
    assert is_paid(order)
    cancel_order(order_id=order.pk, actor=order.customer)
    drain_outbox()
    simulators.world.set_mode("paypal", {"mode": "lost"})
    send_due_refunds()  # made, and its answer lost
    simulators.world.set_mode("paypal", {"mode": "ok"})

    send_due_refunds(now=clock.now() + timedelta(minutes=5))
    simulators.deliver()
    send_due_refunds(now=clock.now() + timedelta(hours=7))

    drain_outbox()
    assert payment.refunds.get().state == state
    assert len(paypal.books.refunds) == 1
    assert simulators.charges("paypal")[0]["returned"] == (0 if fate == "fail" else int(order.total * 100))
    assert books.verify_books() == []


def test_what_is_given_back_in_the_account_is_written_down(simulators, order):
    payment = pay(simulators, begin(order))
    press(simulators, payment, "refund")
    simulators.deliver()

    refund = payment.refunds.get()
    assert (refund.reason, refund.amount) == (RefundReason.AT_PROVIDER, order.total)
    ask_provider(payment_id=payment.pk)
    assert payment.refunds.count() == 1


def test_a_refund_told_before_its_charge_is_shown_to_a_person(simulators, paypal, order):
    """Its event names the charge alone, of which nobody has heard yet, and our own name for the payment."""
    payment = begin(order)
    link = {"rel": "up", "href": "https://api-m.paypal.com/v2/payments/captures/CAP1"}
    refund = {
        "id": "REF1",
        "status": "COMPLETED",
        "invoice_id": f"order-{order.pk}-payment-{payment.pk}",
        "links": [link],
    }
    money = {"value": "24.68", "currency_code": "USD"}
    told = paypal.signed(paypal._event("PAYMENT.CAPTURE.REFUNDED", "refund", refund | {"amount": money}))

    assert tell(told).outcome == EventOutcome.MISMATCH
    assert Difference.objects.count() == 1


def test_what_is_still_being_done_is_neither_refused_nor_done_again(simulators, order, monkeypatch):
    def busy(*_asked, **_how):
        raise paypal_line.Refused(409, {"name": "RESOURCE_CONFLICT"})

    monkeypatch.setattr(paypal_line.Line, "post", busy)
    asked = RefundOrder("r", "refund-r", 1, 1, "CAP1", "PP1", Decimal(1), "USD", is_full=True)

    assert PayPal().refund(platform_of(simulators), asked).state == "processing"
    assert PayPal()._capture(paypal_line.Line(platform_of(simulators)), "PP1") == []


# --- tokens, away, the account ---
def test_one_token_for_many_requests_until_it_ends(simulators, paypal, order):
    account = platform_of(simulators)
    for _each in range(3):
        PayPal().check(account)
    assert requests(simulators, "/v1/oauth2/token") == 1

    paypal.tokens.clear()  # PayPal has taken it back: once more
    PayPal().check(account)
    assert requests(simulators, "/v1/oauth2/token") == 2

    (key,) = paypal_line._tokens
    paypal_line._tokens[key] = paypal_line._tokens[key]._replace(until=0.0)
    PayPal().check(account)
    assert requests(simulators, "/v1/oauth2/token") == 3
    assert account["PAYPAL_CLIENT_SECRET"] not in key


def test_an_account_is_checked_by_asking(simulators):
    account = platform_of(simulators)
    for name in ("PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID"):
        with pytest.raises(ProviderRefused):
            PayPal().check(replace(account, values={**account.values, name: "wrong"}))
    with pytest.raises(ProviderUnavailable):
        PayPal().check(replace(account, values={}))


@pytest.mark.parametrize("mode", ["down", "drop", "slow"])
def test_while_paypal_is_away_nothing_waits(simulators, paypal, order, mode, monkeypatch, settings):
    settings.KARVON_PROVIDERS["paypal"]["PAYPAL_WEBHOOK_CHECK"] = "postback"
    tell(other_event(paypal))  # its certificate is known
    ProviderEvent.objects.all().delete()
    call = event(simulators, paypal, begin(order))
    monkeypatch.setattr(outside, "TIMEOUT", 0.3)
    simulators.world.set_mode("paypal", {"mode": mode, "seconds": 30})
    for _each in range(outside.FAILURES):
        with pytest.raises(ProviderUnavailable):
            tell(call)  # PayPal sends it again

    asked = len(simulators.world.journal.listed("paypal", "request"))
    for blocked in (lambda: tell(call), lambda: begin(order_in("USD"))):
        with pytest.raises(ProviderUnavailable):
            blocked()
    assert len(simulators.world.journal.listed("paypal", "request")) == asked  # its breaker is open
    assert not ProviderEvent.objects.exists()


def test_the_day_as_paypal_has_it(simulators, order):
    payment = pay(simulators, begin(order))
    press(simulators, payment, "refund")
    account, today = platform_of(simulators), clock.now().date()

    (line,) = PayPal().list_day(account, today)

    assert (line.charge_reference, line.amount, line.currency) == (
        payment.charge_reference,
        order.total,
        "USD",
    )
    assert line.payment_id == payment.pk
    assert list(PayPal().list_day(account, today - timedelta(days=1))) == []


def test_nothing_secret_is_in_what_customers_get(simulators, order):
    told = json.dumps(begin(order).next_step)
    account = platform_of(simulators)
    assert account["PAYPAL_CLIENT_SECRET"] not in told
    assert not any(token.text in told for token in paypal_line._tokens.values())
