"""Uzum Bank: the pay page, and its Merchant API, by which it calls the shop: check, create, confirm, reverse, status.

Source: the OpenAPI copies of developer.uzumbank.uz (merchant 1.0.0). Amounts are tiyin, times ms; the customer is debited
when `confirm` comes. The page's address is known from a library only.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from karvon.simulators.conversations import ConversingProvider, Unheard
from karvon.simulators.core import Act, Bill, CannotAct, Request, Response, route
from karvon.simulators.credentials import Credentials
from karvon.simulators.pages import pay_page
from karvon.simulators.world import Answer, Call

POLLS = 10  # how often `status` is asked after a confirm that failed
ANSWERS = {"check": "OK", "create": "CREATED", "confirm": "CONFIRMED", "reverse": "REVERSED"}
TIMES = {"create": "transTime", "confirm": "confirmTime", "reverse": "reverseTime", "status": "transTime"}


@dataclass
class Transaction:
    """One attempt. `state`: CREATED, CONFIRMED, REVERSED, FAILED as Uzum sees it."""

    id: str
    order: str
    amount: int  # tiyin
    state: str = "CREATED"


@dataclass
class Books:
    bills: dict[str, Bill] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)


def authorization(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Uzum(ConversingProvider):
    """`base`/open-service is the pay page; there is no API that shops could ask."""

    name = "uzum"
    title = "Uzum Bank"
    BEHAVIOURS: ClassVar[dict[str, str]] = ConversingProvider.BEHAVIOURS | {"refund": "Reverse in the bank"}

    def __init__(self, world: Any, credentials: Credentials | None = None, account: str = "") -> None:
        super().__init__(world, credentials, account)
        self.books = Books()

    # --- the page ---
    @route("GET", "/open-service", page=True)
    def page(self, request: Request) -> Response:
        return pay_page(self, self._opened(dict(request.query)), request)

    def open(self, link: str) -> str:
        return self._opened(dict(parse_qsl(link.partition("?")[2])))

    def _opened(self, asked: dict[str, str]) -> str:
        if asked.get("serviceId") != self.credentials.uzum_service_id:
            raise LookupError("no such service")
        order, amount = asked.get("order_id", ""), asked.get("amount", "")
        if not order or not re.fullmatch(r"[1-9]\d{0,14}", amount):
            raise LookupError("order_id and an amount in tiyin are needed")
        with self.world.lock:
            self.books.bills[order] = Bill(
                order, order, int(amount), "UZS", back=asked.get("redirectUrl", "")
            )
        return order

    def bill(self, reference: str) -> Bill:
        bill = self.books.bills[reference]
        known = self.books.transactions.values()
        is_paid = any(each.order == reference and each.state == "CONFIRMED" for each in known)
        return replace(bill, status="paid") if is_paid else bill

    def back_to_shop(self, reference: str) -> Response | None:
        back = self.books.bills[reference].back
        return Response.redirect(back) if back else None

    # --- calling the shop ---
    def ask(
        self, act: Act | None, method: str, *, password: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """The shop's answer; a refusal has `errorCode`. Raises Unheard when it did not answer, or not in the protocol's
        words."""
        body = {
            "serviceId": int(self.credentials.uzum_service_id),
            "timestamp": self.milliseconds(),
            **fields,
        }
        secret = self.credentials.uzum_password if password is None else password
        headers = {
            "Content-Type": "application/json",
            "Authorization": authorization(self.credentials.uzum_username, secret),
        }
        call = Call(self.name, method, "POST", self.callback(method), headers, json.dumps(body).encode())
        return self._understood(method, body, self.world.call(call, act))

    def _understood(self, method: str, sent: dict[str, Any], answer: Answer) -> dict[str, Any]:
        said = answer.json()
        if answer.status == 400 and isinstance(said, dict) and isinstance(said.get("errorCode"), str):
            return said
        if answer.status != 200 or not isinstance(said, dict):
            if answer.status:
                self.world.complain(
                    self.name, f"{method}: HTTP {answer.status}, neither success nor errorCode", answer=said
                )
            raise Unheard(f"{method}: HTTP {answer.status}")
        wrong: list[str] = [
            name for name in ("serviceId", "transId") if name in sent and said.get(name) != sent[name]
        ]
        if method in ANSWERS and said.get("status") != ANSWERS[method]:
            wrong.append("status")
        if method in TIMES and not isinstance(said.get(TIMES[method]), int):
            wrong.append(TIMES[method])
        if wrong:
            self.world.complain(
                self.name, f"{method}: {', '.join(wrong)} missing or wrong", answer=said, sent=sent
            )
        return said

    def _confirm(self, act: Act | None, transaction: Transaction) -> dict[str, Any]:
        return self.ask(
            act, "confirm", transId=transaction.id, paymentSource="UZCARD", phone="998901234567", cardType=2,
            processingReferenceNumber=transaction.id[:12], tariff=None,
        )  # fmt: skip

    def _params(self, order: str) -> dict[str, Any]:
        return {"params": {"order_id": order}}

    # --- the steps of a payment ---
    def _new_transaction(self, order: str) -> Transaction:
        transaction = Transaction(str(uuid.uuid4()), order, self.books.bills[order].amount)
        with self.world.lock:
            self.books.transactions[transaction.id] = transaction
        return transaction

    def begin(self, act: Act) -> Transaction | None:
        said = self.ask(act, "check", **self._params(act.reference))
        if "errorCode" in said:
            self.refused(act, said)
            return None
        transaction = self._new_transaction(act.reference)
        said = self.create(act, transaction)
        if "errorCode" not in said:
            return transaction
        transaction.state = "FAILED"
        self.refused(act, said)
        return None

    def create(self, act: Act | None, transaction: Transaction) -> dict[str, Any]:
        return self.ask(
            act,
            "create",
            transId=transaction.id,
            amount=transaction.amount,
            **self._params(transaction.order),
        )

    def take(self, transaction: Transaction) -> None:
        self.world.ledger.take(
            self.name, transaction.id, order=transaction.order, amount=transaction.amount, currency="UZS"
        )

    def give_back(self, transaction: Transaction, state: str, why: str) -> None:
        transaction.state = state
        self.world.ledger.give_back(self.name, transaction.id, transaction.amount, why)

    def pay(self, act: Act, transaction: Transaction) -> None:
        self.take(transaction)
        act.is_taken, act.back = True, self.back_to_shop(transaction.order)
        act.is_taken = self.finish(act, transaction)

    def finish(self, act: Act | None, transaction: Transaction) -> bool:
        """Confirm; when that fails or is not heard, status is polled until it says CONFIRMED or FAILED, at most ten times.
        Whether the money stays with the shop: what is not confirmed then is reversed."""
        try:
            said = self._confirm(act, transaction)
            if "errorCode" not in said or said["errorCode"] == "10016":
                transaction.state = "CONFIRMED"
                return True
        except Unheard as error:
            self.world.journal.note(self.name, "unheard", str(error), payment=transaction.id)
        return self.poll(act, transaction)

    def poll(self, act: Act | None, transaction: Transaction) -> bool:
        for _ in range(POLLS):
            try:
                state = self.ask(act, "status", transId=transaction.id).get("status")
            except Unheard:
                continue
            if state == "CONFIRMED":
                transaction.state = "CONFIRMED"
                return True
            if state in ("FAILED", "REVERSED"):
                break
        self.give_back(transaction, "REVERSED", "not confirmed by the shop")
        try:
            self.ask(act, "reverse", transId=transaction.id)
        except Unheard:
            self.world.later(self.name, "reverse", lambda: self._reverse_again(transaction), 1.0)
        return False

    def _reverse_again(self, transaction: Transaction) -> bool:
        try:
            self.ask(None, "reverse", transId=transaction.id)
        except Unheard:
            return False
        return True

    # --- behaviours ---
    def do_decline(self, act: Act) -> None:
        """The card is refused after create: Uzum takes the transaction back."""
        if transaction := self.begin(act):
            self.ask(act, "reverse", transId=transaction.id)
            transaction.state, act.note = "REVERSED", "declined"

    def do_pay_twice(self, act: Act) -> None:
        """A second transaction while the first is alive, and a third when it is paid."""
        if transaction := self.begin(act):
            self._insist(act)
            self.pay(act, transaction)
            self._insist(act)

    def _insist(self, act: Act) -> None:
        other = self._new_transaction(act.reference)
        if "errorCode" in self.create(act, other):
            other.state = "FAILED"
        else:
            self.pay(act, other)

    def do_callback_late(self, act: Act) -> None:
        if transaction := self.begin(act):
            self.take(transaction)
            act.is_taken, act.back = True, self.back_to_shop(transaction.order)
            self.world.later(
                self.name, "confirm", lambda: bool(self.finish(None, transaction)) or True, act.delay
            )

    def do_callback_lost(self, act: Act) -> None:
        """Confirm never arrives: the polls find the transaction unconfirmed, and the buyer gets the money back."""
        if transaction := self.begin(act):
            self.take(transaction)
            act.is_taken, act.back = self.poll(act, transaction), self.back_to_shop(transaction.order)
            act.note = "confirm is lost; the money went back"

    def do_callback_shuffled(self, act: Act) -> None:
        transaction = self._new_transaction(act.reference)
        self._confirm(act, transaction)
        if "errorCode" in self.create(act, transaction):
            transaction.state = "FAILED"
            return
        self.take(transaction)
        self._confirm(act, transaction)
        for _ in range(2):
            self.create(act, transaction)
            self._confirm(act, transaction)
        act.is_taken, act.back = self.poll(act, transaction), self.back_to_shop(transaction.order)

    def do_wrong_signature(self, act: Act) -> None:
        order, transaction = act.reference, {"transId": str(uuid.uuid4())}
        tries: tuple[tuple[str, dict[str, Any]], ...] = (
            ("check", self._params(order)),
            ("create", {**transaction, "amount": self.books.bills[order].amount, **self._params(order)}),
            ("confirm", {**transaction, "paymentSource": "UZCARD", "phone": "998901234567"}),
            ("reverse", transaction),
            ("status", transaction),
        )
        for method, fields in tries:
            if self.ask(act, method, password="somebody else's", **fields).get("errorCode") != "10001":  # noqa: S106
                self.world.complain(self.name, f"{method}: a wrong password was not refused with 10001")
        act.note = "nothing was paid"

    def do_refund(self, act: Act) -> None:
        """The bank reverses; a shop that has delivered says 10017, and the money stays."""
        paid = [
            each for each in self.books.transactions.values()
            if each.order == act.reference and each.state == "CONFIRMED"
        ]  # fmt: skip
        if not paid:
            raise CannotAct("nothing was paid")
        said = self.ask(act, "reverse", transId=paid[-1].id)
        if "errorCode" not in said or said["errorCode"] == "10018":
            self.give_back(paid[-1], "REVERSED", "reversed")
