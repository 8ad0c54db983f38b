"""What all simulators of one process share: the journal, the ledger of what was charged, modes, calls to the shop."""

from __future__ import annotations

import base64
import copy
import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from karvon.simulators.core import CALLBACKS as CALLBACKS
from karvon.simulators.core import Act, Provider, Refusal, Request, Response
from karvon.simulators.credentials import DEMO, Credentials

JOURNAL_KEEPS = 20_000
FIRST_RETRY, LONGEST_RETRY, TRIES = 1.0, 60.0, 20


@dataclass(frozen=True)
class Call:
    """One request of a provider to the shop."""

    provider: str
    title: str
    method: str
    path: str  # below the shop's address, as /api/v1/payments/callbacks/payme/
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the shop said; status 0 when it said nothing."""

    status: int
    body: bytes = b""
    error: str = ""

    @property
    def is_accepted(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body read; None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Caller(Protocol):
    """How calls reach the shop: over HTTP, or into a test's own client."""

    def __call__(self, call: Call) -> Answer: ...


class HttpCaller:
    """Over HTTP, to the shop's address; follows no redirect."""

    def __init__(self, base: str, seconds: float = 10.0) -> None:
        self.base, self.seconds = urlsplit(base), seconds

    def __call__(self, call: Call) -> Answer:
        kind = http.client.HTTPSConnection if self.base.scheme == "https" else http.client.HTTPConnection
        line = kind(self.base.hostname or "127.0.0.1", self.base.port, timeout=self.seconds)
        try:
            line.request(call.method, self.base.path.rstrip("/") + call.path, call.body, dict(call.headers))
            answer = line.getresponse()
            return Answer(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, error=f"{type(error).__name__}: {error}")
        finally:
            line.close()


class Journal:
    """Everything that happened, in order; the oldest entries go when there are many."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._lock = now, threading.Lock()
        self._entries: list[dict[str, Any]] = []
        self._last = 0

    def note(self, provider: str, kind: str, title: str, **facts: Any) -> dict[str, Any]:
        with self._lock:
            self._last += 1
            entry = {
                "number": self._last,
                "at": self._now(),
                "provider": provider,
                "kind": kind,
                "title": title,
            }
            self._entries.append(entry | facts)
            del self._entries[:-JOURNAL_KEEPS]
            return self._entries[-1]

    def listed(self, provider: str = "", kind: str = "", after: int = 0) -> list[dict[str, Any]]:
        with self._lock:
            return [
                each for each in self._entries
                if each["number"] > after and provider in ("", each["provider"]) and kind in ("", each["kind"])
            ]  # fmt: skip

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


class Ledger:
    """What was taken from buyers and given back, by the provider's own payment id: the truth that shops are held to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._charges: dict[tuple[str, str], dict[str, Any]] = {}
        self.is_asleep = False

    def take(self, provider: str, payment: str, *, order: str, amount: int, currency: str) -> None:
        """`amount` in the smallest unit."""
        if self.is_asleep:
            return
        facts = {
            "payment": payment,
            "order": order,
            "amount": amount,
            "currency": currency.upper(),
            "returned": 0,
        }
        with self._world.lock:
            self._charges[provider, payment] = {"provider": provider, "at": self._world.now(), **facts}
        self._world.journal.note(provider, "charge", "money taken", **facts)

    def give_back(self, provider: str, payment: str, amount: int, why: str) -> None:
        with self._world.lock:
            self._charges[provider, payment]["returned"] += amount
        self._world.journal.note(provider, "refund", why, payment=payment, amount=amount)

    def listed(self, provider: str = "") -> list[dict[str, Any]]:
        with self._world.lock:
            return [dict(each) for each in self._charges.values() if provider in ("", each["provider"])]

    def clear(self) -> None:
        self._charges.clear()


@dataclass
class Mode:
    """How a provider's API behaves. slow: works, and answers after `seconds`; down: answers 500; lost: works, and hangs up
    without an answer; drop: hangs up at once. `refunds` and `capture` are said at the providers that have them."""

    mode: str = "ok"
    seconds: float = 8.0
    refunds: str = "ok"  # ok · pending (until `deliver`) · fail
    capture: str = "automatic"  # automatic · manual
    changed: threading.Event = field(default_factory=threading.Event, repr=False)

    CHOICES = {
        "mode": ("ok", "slow", "down", "lost", "drop"),
        "refunds": ("ok", "pending", "fail"),
        "capture": ("automatic", "manual"),
    }


class HangUp(Exception):
    """The connection is closed without an answer."""


Job = Callable[[], bool]


@dataclass(eq=False)
class Waiting:
    """Something that is done later; `due` None: when somebody says `deliver`."""

    provider: str
    title: str
    job: Job
    due: float | None
    pause: float = FIRST_RETRY
    tries: int = 0


class World:
    """The state that providers share. `lock` guards what they remember and is never held while the shop is called."""

    def __init__(
        self,
        *,
        credentials: Credentials = DEMO,
        caller: Caller | None = None,
        callback_base: str = "http://127.0.0.1:8000",
        now: Callable[[], float] = time.time,
    ) -> None:
        self.credentials = credentials
        self.now = now
        self.base = ""  # set by the server when it knows its port
        self.lock = threading.RLock()
        self.journal = Journal(now)
        self.ledger = Ledger(self)
        self.caller: Caller = caller or HttpCaller(callback_base)
        self.providers: dict[str, Provider] = {}  # the platform's contracts
        self.contracts: dict[str, list[Provider]] = {}  # those and merchants' own, by the provider's name
        self.numbers = itertools.count(int(now()))  # of providers that count
        self.modes: dict[str, Mode] = {}
        self._waiting: list[Waiting] = []

    def join(self, provider: Provider) -> None:
        """The platform's contract with a provider."""
        self.providers[provider.name], self.contracts[provider.name] = provider, [provider]
        self.modes[provider.name] = Mode()

    def add_account(self, name: str, account: str, credentials: Credentials) -> Provider:
        """A merchant's own contract; its callbacks go to …/callbacks/of/<account>/<provider>/. Raises LookupError."""
        provider = type(self.providers[name])(self, credentials, account)
        with self.lock:
            self.contracts[name].append(provider)
        return provider

    def contract_for(self, name: str, request: Request) -> Provider:
        """Whose a request is; the platform's when it is nobody's."""
        found = self.contracts[name]
        if len(found) == 1:
            return found[0]
        return next((each for each in found if each.is_for(request)), found[0])

    def contract_of(self, name: str, reference: str) -> Provider:
        """Whose payment it is. Raises LookupError for one that nobody knows."""
        for each in self.contracts[name]:
            try:
                each.bill(reference)
            except LookupError:
                continue
            return each
        raise LookupError(f"{name} knows no payment {reference!r}")

    def open(self, link: str) -> tuple[str, str]:
        """Provider and reference of the payment that a link of the shop leads to. Raises LookupError."""
        path = urlsplit(link).path.lstrip("/")
        name = path.partition("/")[0]
        if name not in self.providers:
            raise LookupError(f"{link} leads to no provider")
        problem = LookupError(link)
        for each in self.contracts[name]:
            try:
                return name, each.open(link)
            except LookupError as error:
                problem = error
        raise problem

    def reset(self) -> None:
        """Forget everything, as after a start."""
        with self.lock:
            for name, provider in list(self.providers.items()):
                self.modes[name].changed.set()
                self.join(type(provider)(self))
            self._waiting.clear()
            self.ledger.clear()
            self.journal.clear()

    # --- being called ---
    def serve(self, provider: Provider, request: Request, work: Callable[[], Response]) -> Response:
        """Answer an API call as the provider's mode wants it; the work itself is done by one caller at a time."""
        mode = self.modes[provider.name]
        self.journal.note(provider.name, "request", f"{request.method} {request.path}", mode=mode.mode)
        if mode.mode == "down":
            return provider.failure()
        if mode.mode == "drop":
            raise HangUp
        with self.lock:
            try:
                response = work()
            except Refusal as refusal:
                response = refusal.response
        if mode.mode == "lost":
            raise HangUp
        if mode.mode == "slow":
            mode.changed.wait(mode.seconds)
        return response

    def set_mode(self, provider: str, wanted: Mapping[str, Any]) -> Mode:
        """Raises ValueError for a word that is none, LookupError for an unknown provider."""
        old = self.modes[provider]
        fresh = Mode(old.mode, float(wanted.get("seconds", old.seconds)), old.refunds, old.capture)
        for name, choices in Mode.CHOICES.items():
            if wanted.get(name, choices[0]) not in choices:
                raise ValueError(f"{name} is one of {', '.join(choices)}")
            setattr(fresh, name, wanted.get(name, getattr(old, name)))
        self.modes[provider] = fresh
        old.changed.set()  # those who wait in the old mode are let go
        return fresh

    # --- calling the shop ---
    def call(self, call: Call, act: Act | None = None, **facts: Any) -> Answer:
        """Call the shop now and write down what it said."""
        answer = self.caller(call)
        entry = self.journal.note(
            call.provider, "callback", call.title, path=call.path, status=answer.status, error=answer.error,
            sent=_readable(call.body), answer=_readable(answer.body), **facts,
        )  # fmt: skip
        if act is not None:
            act.calls.append(
                {name: entry[name] for name in ("title", "path", "status", "error", "sent", "answer")}
            )
        return answer

    def complain(self, provider: str, text: str, **facts: Any) -> None:
        """The shop did not keep to the protocol; tests look for these."""
        self.journal.note(provider, "complaint", text, **facts)

    def later(self, provider: str, title: str, job: Job, delay: float | None = 0.0) -> None:
        """Do `job` after `delay` seconds, None: at the next `deliver`; a job that returns False is tried again."""
        due = None if delay is None else self.now() + delay
        with self.lock:
            self._waiting.append(Waiting(provider, title, job, due))
        self.journal.note(provider, "waiting", title, due=due)

    def deliver(self) -> int:
        """Do everything that waits, due or not, once; what comes up meanwhile too. How many jobs were done."""
        done, failed = 0, []
        while taken := self._take(lambda _each: True):
            for each in taken:
                done += 1
                if not self._try(each):
                    failed.append(each)
        with self.lock:
            self._waiting += failed
        return done

    def run_due(self) -> None:
        """Do what is due; called again and again by the process that keeps time."""
        for each in self._take(lambda each: each.due is not None and each.due <= self.now()):
            if not self._try(each):
                with self.lock:
                    self._waiting.append(each)

    def waiting(self) -> list[dict[str, Any]]:
        with self.lock:
            return [
                {"provider": each.provider, "title": each.title, "due": each.due} for each in self._waiting
            ]

    def _take(self, wanted: Callable[[Waiting], bool]) -> list[Waiting]:
        with self.lock:
            taken = [each for each in self._waiting if wanted(each)]
            self._waiting = [each for each in self._waiting if each not in taken]
        return taken

    def _try(self, each: Waiting) -> bool:
        each.tries += 1
        if each.job() or each.tries >= TRIES:
            return True
        each.due, each.pause = self.now() + each.pause, min(each.pause * 2, LONGEST_RETRY)
        return False

    @contextmanager
    def unseen(self, books: Any) -> Iterator[None]:
        """What is written into `books` (a dataclass) meanwhile is forgotten again, and no money moves."""
        with self.lock:
            before, self.ledger.is_asleep = copy.deepcopy(vars(books)), True
            try:
                yield
            finally:
                vars(books).update(before)
                self.ledger.is_asleep = False


def _readable(body: bytes) -> Any:
    """JSON as it is, other text as text, the rest in base64."""
    try:
        return json.loads(body) if body[:1] in (b"{", b"[") else body.decode()
    except ValueError:
        return base64.b64encode(body).decode()
