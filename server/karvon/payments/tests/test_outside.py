"""What holds for every question to a provider: when it ends, how much of an answer is read, and what nobody can read."""

from __future__ import annotations

import itertools
import socket
import socketserver
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from types import SimpleNamespace

import pytest

from karvon.kernel.redis import get_redis
from karvon.payments import deadlines, outside
from karvon.payments.deadlines import left, within
from karvon.payments.errors import ProviderUnavailable
from karvon.payments.protocol import Account, Intent
from karvon.payments.providers import paypal_line
from karvon.payments.providers.paypal import PayPal
from karvon.payments.providers.razorpay import Razorpay
from karvon.payments.providers.stripe import Stripe

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
PAUSE, SHORT = 0.02, 0.2


@contextmanager
def answering(start: bytes, rest: Iterable[bytes], pause: float = PAUSE) -> Iterator[str]:
    """A server that says `start` at once and then each of `rest` after a pause, to everybody."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.recv(65536)
                self.request.sendall(start)
                for part in rest:
                    if over.wait(pause):
                        return
                    self.request.sendall(part)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()


def trickle(text: bytes) -> Iterable[bytes]:
    return [bytes([each]) for each in text]


@contextmanager
def in_time(at_least: float = 0.0) -> Iterator[None]:
    begun = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        yield
    assert at_least <= time.monotonic() - begun < SHORT + 0.5


VALUES = {
    "STRIPE_SECRET_KEY": "sk_test_12345678", "RAZORPAY_KEY_ID": "rzp_test_123456", "RAZORPAY_KEY_SECRET": "s",
    "PAYPAL_CLIENT_ID": "c", "PAYPAL_CLIENT_SECRET": "s", "PAYPAL_WEBHOOK_ID": "w",
}  # fmt: skip
INTENT = Intent(
    payment_id=2, order_id=1, order_number="A-1", amount=Decimal(1), currency="USD", key="order-1", email="", language="en",
    return_url="http://shop.example/", cancel_url="http://shop.example/", expires_at=None,
)  # fmt: skip


@pytest.fixture
def hurry(monkeypatch):
    monkeypatch.setattr(outside, "TIMEOUT", SHORT)
    paypal_line._tokens.clear()


@pytest.mark.parametrize("way", [Stripe(), Razorpay(), PayPal()], ids=lambda way: way.slug)
@pytest.mark.parametrize("start", [b"", HEAD], ids=["head", "body"])
def test_who_answers_byte_by_byte_is_not_waited_for(hurry, way, start):
    """Their own timeouts are for each read, so that without ours this takes four seconds."""
    text = HEAD + b"{" + b" " * 199
    with answering(start, trickle(text[len(start) :])) as address, in_time(SHORT * 0.9):
        way.begin(Account(way.slug, VALUES, address), INTENT)


def test_a_conversation_of_several_questions_has_one_time(hurry):
    way = SimpleNamespace(slug="slow")
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    asked = []
    with answering(b"", [answer], pause=SHORT / 3) as address, in_time(), outside.asking(way):
        for each in range(50):
            outside.ask_json("GET", address, headers={"Connection": "close"})
            asked.append(each)
    assert 0 < len(asked) < 4
    get_redis().delete("breaker:slow:failures")


def test_no_more_is_read_than_an_answer_may_have(monkeypatch):
    monkeypatch.setattr(outside, "LARGEST", 1000)
    with answering(ENDLESS, itertools.repeat(b"x" * 600), pause=0) as address, in_time():
        outside.send("GET", address)


@pytest.mark.parametrize("answer", [b"null", b"[]", b"5", b"", b"{", b"\xff", b'"\\ud800"'])
def test_an_answer_that_is_no_object_is_none(answer):
    head = (
        b"HTTP/1.1 503 X\r\nContent-Length: %d\r\n\r\n"
        if not answer
        else b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
    )
    with answering(head % len(answer), [answer], pause=0) as address, in_time():
        outside.ask_json("GET", address)


def test_cookies_of_one_account_are_not_anothers():
    said = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=mine\r\nContent-Length: 2\r\n\r\n{}"
    with answering(said, []) as address:
        outside.ask_json("GET", address)
    assert not list(outside.client().cookies.jar)


def test_a_name_with_dead_addresses_and_a_resolver_that_is_silent(hurry, monkeypatch):
    """Each address of a name would have had the whole time for itself, and the resolver all the time in the world."""
    never = threading.Event()
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        # its queue is full: whoever knocks now hears nothing
        knocks = [socket.socket() for _each in range(3)]
        for each in knocks:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        monkeypatch.setattr(deadlines, "_look_up", lambda *_asked: ["127.0.0.1"] * 3)
        with in_time(SHORT * 0.9):
            outside.send("GET", f"http://provider.example:{port}/")
        for each in knocks:
            each.close()
    monkeypatch.undo()
    monkeypatch.setattr(outside, "TIMEOUT", SHORT)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_how: [never.wait(5)][:0])
    with in_time(SHORT * 0.9):
        outside.send("GET", "http://provider.example/")
    never.set()


def test_within_what_is_left():
    assert left(7) == 7
    with within(10), within(60):
        assert 9 < left(0) <= 10
        with within(-1):
            assert left(5) == 0
    assert left(7) == 7


@pytest.mark.parametrize("fault", [KeyError, TypeError, AttributeError, OverflowError, UnicodeError])
def test_what_nobody_can_read_is_no_answer_and_counts(fault):
    way = SimpleNamespace(slug=f"odd-{fault.__name__}")
    with pytest.raises(ProviderUnavailable), outside.asking(way):
        raise fault
    assert int(get_redis().getdel(f"breaker:{way.slug}:failures")) == 1
