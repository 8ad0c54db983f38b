"""Payme (Paycom): the checkout page and the two of its APIs that shops meet.

By the Merchant API Payme calls the shop (CheckPerform, Create, Perform, Cancel: each sent twice; GetStatement), by the
Subscribe API the shop asks Payme about receipts. Source: developer.help.paycom.uz and the sandbox page; the hosts,
headers and method names of the Subscribe API are those of payme-pkg 3.4.1.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from karvon.simulators.conversations import ConversingProvider, Unheard
from karvon.simulators.core import Act, Bill, CannotAct, Refusal, Request, Response, new_id, route
from karvon.simulators.credentials import Credentials
from karvon.simulators.pages import pay_page
from karvon.simulators.payme_objects import (
    CANCELLED,
    CANCELLING,
    DEBIT_FAILED,
    HEX,
    NO_JSON,
    NO_METHOD,
    NO_RECEIPT,
    NO_RIGHT,
    PAID,
    REFUND,
    TIMEOUT,
    Receipt,
    authorization,
    read_link,
    write_link,
)  # fmt: skip
from karvon.simulators.world import Call


@dataclass
class Books:
    bills: dict[str, tuple[Bill, dict[str, str]]] = field(default_factory=dict)  # order → (bill, account)
    receipts: dict[str, Receipt] = field(default_factory=dict)


class Payme(ConversingProvider):
    """`base`/<base64> is the checkout page, `base`/api the Subscribe API."""

    name = "payme"
    title = "Payme"
    BEHAVIOURS: ClassVar[dict[str, str]] = ConversingProvider.BEHAVIOURS | {
        "expire": "Begin and never finish (cancelled by timeout)",
        "refund": "Refund in the cabinet",
    }

    def __init__(self, world: Any, credentials: Credentials | None = None, account: str = "") -> None:
        super().__init__(world, credentials, account)
        self.books = Books()
        self._request = 0

    # --- the page ---
    @route("GET", "/{encoded:rest}", page=True)
    def page(self, request: Request, encoded: str) -> Response:
        return pay_page(self, self._opened(encoded), request)

    @route("POST", "/", page=True)
    def page_by_form(self, request: Request) -> Response:
        """The other way to begin: a form with merchant, amount, account[<field>], lang, callback."""
        asked = dict(request.form())
        pairs = {"m": asked.get("merchant", ""), "a": asked.get("amount", ""), "c": asked.get("callback", "")}
        pairs |= {
            f"ac.{name[8:-1]}": text for name, text in asked.items() if re.fullmatch(r"account\[\w+]", name)
        }
        return pay_page(self, self._opened(write_link(pairs)), request)

    def open(self, link: str) -> str:
        return self._opened(urlsplit(link).path.partition(f"/{self.name}/")[2] or link)

    def _opened(self, encoded: str) -> str:
        try:
            pairs = read_link(encoded)
        except ValueError as error:
            raise LookupError(str(error)) from error
        if pairs.get("m") != self.credentials.payme_merchant_id:
            raise LookupError("no such merchant")
        account = {name[3:]: text for name, text in pairs.items() if name.startswith("ac.")}
        order = account.get("order_id") or next(iter(account.values()), "")
        bill = Bill(order, order, int(pairs["a"]), "UZS", back=pairs.get("c", ""), payee=pairs["m"])
        with self.world.lock:
            self.books.bills[order] = (bill, account)
        return order

    def bill(self, reference: str) -> Bill:
        bill = self.books.bills[reference][0]
        is_paid = any(each.order == reference and each.state == PAID for each in self.books.receipts.values())
        return replace(bill, status="paid") if is_paid else bill

    def back_to_shop(self, reference: str, transaction: str = "") -> Response | None:
        bill, account = self.books.bills[reference]
        url = bill.back.replace(":transaction", transaction)
        for name, text in account.items():
            url = url.replace(f":account.{name}", text)
        return Response.redirect(url) if url else None

    # --- calling the Merchant API ---
    def ask(
        self, act: Act | None, method: str, params: dict[str, Any], *, key: str | None = None
    ) -> dict[str, Any]:
        """The shop's `result` or `error`, as {"result": …} or {"error": …}. Raises Unheard when it did not answer, or not
        in the protocol's words."""
        self._request += 1
        number = self._request
        body = json.dumps({"method": method, "params": params, "id": number}).encode()
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "Authorization": authorization(self.credentials.payme_key if key is None else key),
        }
        answer = self.world.call(Call(self.name, method, "POST", self.callback(), headers, body), act)
        return self._understood(method, number, answer.status, answer.json())

    def _understood(self, method: str, number: int, status: int, said: Any) -> dict[str, Any]:
        if status != 200:
            raise Unheard(f"{method}: HTTP {status}, read as error -32400")
        if not isinstance(said, dict) or (said.get("result") is None) == (said.get("error") is None):
            self.world.complain(self.name, f"{method}: neither one result nor one error", answer=said)
            raise Unheard(f"{method}: no JSON-RPC answer")
        if said.get("id") != number:
            self.world.complain(self.name, f"{method}: the id was not echoed", answer=said, sent=number)
        error = said.get("error")
        if error is None:
            return {"result": said["result"]}
        message = error.get("message")
        if (
            not isinstance(error.get("code"), int)
            or not isinstance(message, dict)
            or not {"ru", "uz", "en"} <= set(message)
        ):
            self.world.complain(
                self.name, f"{method}: an error without code or message in ru, uz, en", answer=said
            )
        if error.get("code") == -32400:
            raise Unheard(f"{method}: -32400")
        return {"error": error}

    def ask_twice(self, act: Act | None, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """As Payme does: the second answer must be the first one."""
        first, second = self.ask(act, method, params), self.ask(act, method, params)
        if "result" in first and first != second:
            self.world.complain(
                self.name, f"{method}: the second answer is another", first=first, second=second
            )
        return first

    # --- the steps of a payment ---
    def begin(self, act: Act) -> Receipt | None:
        """Check and Create; None when the shop refuses, which the act's note tells."""
        bill, account = self.books.bills[act.reference]
        check = self.ask_twice(act, "CheckPerformTransaction", {"amount": bill.amount, "account": account})
        if "error" in check or check["result"].get("allow") is not True:
            self.refused(act, check)
            return None
        receipt = self._new_receipt(act.reference)
        said = self.create(act, receipt)
        if "result" in said:
            return receipt
        self.refused(act, said)
        return None

    def _new_receipt(self, order: str) -> Receipt:
        bill, account = self.books.bills[order]
        receipt = Receipt(new_id(alphabet=HEX), order, dict(account), bill.amount, self.milliseconds())
        with self.world.lock:
            self.books.receipts[receipt.id] = receipt
        return receipt

    def create(self, act: Act | None, receipt: Receipt, *, twice: bool = True) -> dict[str, Any]:
        params = {
            "id": receipt.id,
            "time": receipt.time,
            "amount": receipt.amount,
            "account": receipt.account,
        }
        said = (self.ask_twice if twice else self.ask)(act, "CreateTransaction", params)
        if "error" in said:
            receipt.state, receipt.cancel_time = CANCELLED, self.milliseconds()
        elif said["result"].get("state") != 1:
            self.world.complain(self.name, "CreateTransaction: the state is not 1", answer=said)
        return said

    def take(self, receipt: Receipt) -> None:
        with self.world.lock:
            receipt.state, receipt.pay_time = PAID, self.milliseconds()
        self.world.ledger.take(
            self.name, receipt.id, order=receipt.order, amount=receipt.amount, currency="UZS"
        )

    def finish(self, act: Act | None, receipt: Receipt) -> bool:
        """Perform; the buyer gets the money back when the shop refuses. False when the shop was not heard."""
        try:
            said = self.ask_twice(act, "PerformTransaction", {"id": receipt.id})
        except Unheard as error:
            self.world.journal.note(self.name, "unheard", str(error), payment=receipt.id)
            return False
        if "error" in said:
            with self.world.lock:
                receipt.state, receipt.cancel_time = CANCELLED, self.milliseconds()
            self.world.ledger.give_back(self.name, receipt.id, receipt.amount, "the shop refused to perform")
            if act is not None:
                self.refused(act, said)
                act.is_taken = False
        elif said["result"].get("state") != 2:
            self.world.complain(self.name, "PerformTransaction: the state is not 2", answer=said)
        return True

    def cancel(self, act: Act | None, receipt: Receipt, reason: int) -> bool:
        """Cancel; what was taken is given back unless the shop says that it cannot be (-31007)."""
        try:
            said = self.ask_twice(act, "CancelTransaction", {"id": receipt.id, "reason": reason})
        except Unheard:
            return False
        if "error" in said:
            with self.world.lock:
                receipt.state = PAID if receipt.pay_time else receipt.state
            return True
        if receipt.pay_time:
            self.world.ledger.give_back(self.name, receipt.id, receipt.amount, "cancelled")
        with self.world.lock:
            receipt.state, receipt.cancel_time = CANCELLED, self.milliseconds()
        return True

    def pay(self, act: Act, receipt: Receipt) -> None:
        self.take(receipt)
        act.is_taken = True
        act.back = self.back_to_shop(receipt.order, receipt.id)
        if not self.finish(act, receipt):
            self.world.later(self.name, "PerformTransaction", lambda: self.finish(None, receipt), 1.0)

    # --- behaviours ---
    def do_decline(self, act: Act) -> None:
        if receipt := self.begin(act):
            self.cancel(act, receipt, DEBIT_FAILED)
            act.note = "declined"

    def do_pay_twice(self, act: Act) -> None:
        """Two transactions for one order, the second begun while the first is alive and again when it is paid."""
        if receipt := self.begin(act):
            self._insist(act)
            self.pay(act, receipt)
            self._insist(act)

    def _insist(self, act: Act) -> None:
        second = self._new_receipt(act.reference)
        if "result" in self.create(act, second):
            self.pay(act, second)

    def do_callback_late(self, act: Act) -> None:
        if receipt := self.begin(act):
            self.take(receipt)
            act.is_taken, act.back = True, self.back_to_shop(receipt.order, receipt.id)
            self.world.later(self.name, "PerformTransaction", lambda: self.finish(None, receipt), act.delay)

    def do_callback_lost(self, act: Act) -> None:
        if receipt := self.begin(act):
            self.take(receipt)
            act.is_taken, act.back = True, self.back_to_shop(receipt.order, receipt.id)
            act.note = "paid; PerformTransaction is lost"

    def do_callback_shuffled(self, act: Act) -> None:
        receipt = self._new_receipt(act.reference)
        self.ask(act, "PerformTransaction", {"id": receipt.id})
        if "error" in self.create(act, receipt, twice=False):
            return
        self.take(receipt)
        act.is_taken, act.back = True, self.back_to_shop(receipt.order, receipt.id)
        for _ in range(2):
            self.ask(act, "PerformTransaction", {"id": receipt.id})
            self.ask(act, "CheckTransaction", {"id": receipt.id})
        self.create(
            None, Receipt(**vars(receipt)), twice=False
        )  # a straggler: refused, and nothing comes of it
        self.ask(act, "PerformTransaction", {"id": receipt.id})

    def do_wrong_signature(self, act: Act) -> None:
        """Somebody who does not know the key goes through all the methods."""
        bill, account = self.books.bills[act.reference]
        transaction = {"id": new_id(alphabet=HEX)}
        create = {**transaction, "time": self.milliseconds(), "amount": bill.amount, "account": account}
        for method, params in (
            ("CheckPerformTransaction", {"amount": bill.amount, "account": account}), ("CreateTransaction", create),
            ("PerformTransaction", transaction), ("CancelTransaction", {**transaction, "reason": REFUND}),
            ("CheckTransaction", transaction), ("GetStatement", {"from": 0, "to": self.milliseconds()}),
        ):  # fmt: skip
            said = self.ask(act, method, params, key="somebody-else")
            if said.get("error", {}).get("code") != NO_RIGHT:
                self.world.complain(
                    self.name, f"{method}: a wrong key was not refused with {NO_RIGHT}", answer=said
                )
        act.note = "nothing was paid"

    def do_expire(self, act: Act) -> None:
        if receipt := self.begin(act):
            self.cancel(act, receipt, TIMEOUT)
            act.note = "cancelled by timeout"

    def do_refund(self, act: Act) -> None:
        paid = [
            each
            for each in self.books.receipts.values()
            if act.reference in (each.order, each.id) and each.state == PAID
        ]
        if not paid:
            raise CannotAct("nothing was paid")
        self.cancel(act, paid[-1], REFUND)

    def statement(self, since: int, until: int) -> dict[str, Any]:
        """Ask the shop for its transactions between two moments in ms, as Payme's reconciliation does, beside our own."""
        said = self.ask(None, "GetStatement", {"from": since, "to": until})
        ours = [each.shown("") for each in self.books.receipts.values() if since <= each.time <= until]
        return {"shop": said, "payme": ours}

    # --- the Subscribe API ---
    @route("POST", "/api")
    def subscribe(self, request: Request) -> Response:
        try:
            asked = request.json()
            number, method, params = asked.get("id"), asked["method"], asked.get("params") or {}
        except (ValueError, KeyError, AttributeError):
            return Response.of({"error": {"code": NO_JSON, "message": "Parse error", "data": None}})
        handler = self.METHODS.get(method)
        if handler is None:
            return _error(number, NO_METHOD, "Method not found", method)
        try:
            return Response.of({"jsonrpc": "2.0", "id": number, "result": getattr(self, handler)(params)})
        except LookupError as error:
            return _error(number, NO_RECEIPT, str(error), None)

    METHODS: ClassVar[dict[str, str]] = {
        "receipts.get": "_get", "receipts.check": "_check", "receipts.get_all": "_get_all", "receipts.cancel": "_cancel",
    }  # fmt: skip

    def authorise(self, request: Request) -> None:
        """X-Auth: <cashbox id>:<key>. Refused with HTTP 200, as everything in this API."""
        ours = f"{self.credentials.payme_merchant_id}:{self.credentials.payme_key}"
        if not hmac.compare_digest(request.headers.get("x-auth", "").encode(), ours.encode()):
            raise Refusal(_error(None, NO_RIGHT, "Insufficient privilege", None))

    def _receipt(self, params: dict[str, Any]) -> Receipt:
        found = self.books.receipts.get(str(params.get("id")))
        if found is None:
            raise LookupError("Receipt not found")
        return found

    def _get(self, params: dict[str, Any]) -> Any:
        return {"receipt": self._receipt(params).shown(self.credentials.payme_merchant_id)}

    def _check(self, params: dict[str, Any]) -> Any:
        return {"state": self._receipt(params).state}

    def _get_all(self, params: dict[str, Any]) -> Any:
        """The day's report: from and to in ms, at most `count` (50) from `offset`."""
        since, until = int(params.get("from", 0)), int(params.get("to", 2**53))
        found = [each for each in self.books.receipts.values() if since <= each.time <= until]
        skip = int(params.get("offset", 0))
        page = found[skip : skip + min(int(params.get("count", 50)), 50)]
        return [each.shown(self.credentials.payme_merchant_id) for each in page]

    def _cancel(self, params: dict[str, Any]) -> Any:
        """Queued (21); then the shop gets CancelTransaction, and the receipt is cancelled (50)."""
        receipt = self._receipt(params)
        if receipt.state == PAID:
            receipt.state = CANCELLING
            self.world.later(self.name, "CancelTransaction", lambda: self.cancel(None, receipt, REFUND))
        return {"receipt": receipt.shown(self.credentials.payme_merchant_id)}


def _error(number: Any, code: int, message: str, data: Any) -> Response:
    return Response.of(
        {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message, "data": data}}
    )
