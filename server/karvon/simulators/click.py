"""Click: the pay page, SHOP-API (Click calls the shop: Prepare, then Complete) and Merchant API (the shop asks Click).

Source: docs.click.uz and click-llc/click-integration-php. Amounts are soums with two decimals.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from karvon.simulators.conversations import ConversingProvider, Unheard
from karvon.simulators.core import Act, Bill, CannotAct, Refusal, Request, Response, route
from karvon.simulators.credentials import Credentials
from karvon.simulators.pages import pay_page
from karvon.simulators.world import Answer, Call

TASHKENT = timezone(timedelta(hours=5))  # of sign_time; the zone is not stated: shops treat it as text
FAILED, MADE, PROCESSING, DONE = (
    -1,
    0,
    1,
    2,
)  # payment_status: below zero error, 0 created, 1 processing, 2 success
NOT_ENOUGH_MONEY = -5017  # `error` of a Complete that says the payment failed; any number below zero
NO_RIGHT, NOT_FOUND, BAD_REQUEST = -1, -404, -400  # error_code of the Merchant API: numbers not verified
AUTH_SECONDS = 600  # how old a timestamp in `Auth` may be: not verified


def prepare_signature(secret: str, fields: dict[str, str]) -> str:
    """md5 over the raw texts, nothing between them; Complete has merchant_prepare_id after merchant_trans_id."""
    middle = fields.get("merchant_prepare_id", "") if fields["action"] == "1" else ""
    text = (
        fields["click_trans_id"] + fields["service_id"] + secret + fields["merchant_trans_id"] + middle
        + fields["amount"] + fields["action"] + fields["sign_time"]
    )  # fmt: skip
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - Click's protocol


def merchant_digest(secret: str, timestamp: str) -> str:
    """The middle part of the Merchant API's `Auth: <merchant_user_id>:<digest>:<timestamp>`."""
    return hashlib.sha1((timestamp + secret).encode()).hexdigest()  # noqa: S324 - Click's protocol


@dataclass
class Payment:
    """One attempt. `id` is the Merchant API's payment_id; whether it equals `paydoc` is not verified: here it does not."""

    id: int
    trans: int
    paydoc: int
    order: str
    amount: int  # tiyin
    status: int = MADE
    prepare_id: str = ""
    created: float = 0.0
    invoice: int | None = None


@dataclass
class Books:
    bills: dict[str, Bill] = field(default_factory=dict)
    payments: dict[int, Payment] = field(default_factory=dict)
    invoices: dict[int, dict[str, Any]] = field(default_factory=dict)


class Click(ConversingProvider):
    """`base`/services/pay is the pay page, `base`/v2/merchant/… the Merchant API."""

    name = "click"
    title = "Click"
    BEHAVIOURS: ClassVar[dict[str, str]] = ConversingProvider.BEHAVIOURS | {
        "refund": "Reverse in the cabinet"
    }

    def __init__(self, world: Any, credentials: Credentials | None = None, account: str = "") -> None:
        super().__init__(world, credentials, account)
        self.books = Books()

    # --- the page ---
    @route("GET", "/services/pay", page=True)
    def page(self, request: Request) -> Response:
        return pay_page(self, self._opened(dict(request.query)), request)

    def open(self, link: str) -> str:
        return self._opened(dict(parse_qsl(link.partition("?")[2])))

    def _opened(self, asked: dict[str, str]) -> str:
        ours = (self.credentials.click_service_id, self.credentials.click_merchant_id)
        if (asked.get("service_id"), asked.get("merchant_id")) != ours:
            raise LookupError("no such service of this merchant")
        order, amount = asked.get("transaction_param", ""), asked.get("amount", "")
        if not order or not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", amount) or not Decimal(amount):
            raise LookupError("transaction_param and an amount in soums are needed")
        self._bill(order, int(Decimal(amount) * 100), asked.get("return_url", ""))
        return order

    def _bill(self, order: str, amount: int, back: str = "") -> None:
        with self.world.lock:
            self.books.bills[order] = Bill(order, order, amount, "UZS", back=back)

    def bill(self, reference: str) -> Bill:
        bill = self.books.bills[reference]
        is_paid = any(
            each.order == reference and each.status == DONE for each in self.books.payments.values()
        )
        return replace(bill, status="paid") if is_paid else bill

    def back_to_shop(self, reference: str) -> Response | None:
        back = self.books.bills[reference].back
        return Response.redirect(back) if back else None

    # --- calling SHOP-API ---
    def ask(
        self,
        act: Act | None,
        payment: Payment,
        *,
        action: int,
        error: int = 0,
        note: str = "Success",
        forged: bool = False,
    ) -> dict[str, Any]:
        """The shop's answer. Raises Unheard when it did not answer, or not in the protocol's words."""
        secret = "somebody else's" if forged else self.credentials.click_secret_key
        fields = {
            "click_trans_id": str(payment.trans), "service_id": self.credentials.click_service_id,
            "click_paydoc_id": str(payment.paydoc), "merchant_trans_id": payment.order,
            "amount": f"{Decimal(payment.amount) / 100:.2f}", "action": str(action), "error": str(error), "error_note": note,
            "sign_time": datetime.fromtimestamp(self.world.now(), TASHKENT).strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip
        if action == 1:
            fields["merchant_prepare_id"] = payment.prepare_id
        fields["sign_string"] = prepare_signature(secret, fields)
        title = "Complete" if action else "Prepare"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        path = self.callback(f"{title.lower()}/")
        call = Call(self.name, title, "POST", path, headers, urlencode(fields).encode())
        return self._understood(title, fields, self.world.call(call, act))

    def _understood(self, title: str, sent: dict[str, str], answer: Answer) -> dict[str, Any]:
        said = answer.json()
        if answer.status != 200 or not isinstance(said, dict):
            if answer.status:
                self.world.complain(
                    self.name, f"{title}: HTTP {answer.status} and no JSON object", answer=said
                )
            raise Unheard(f"{title}: HTTP {answer.status}")
        if type(said.get("error")) is not int:
            self.world.complain(self.name, f"{title}: `error` is no integer", answer=said)
            raise Unheard(f"{title}: no answer in Click's words")
        if said["error"] == 0:
            wanted = "merchant_confirm_id" if title == "Complete" else "merchant_prepare_id"
            echoed = all(
                str(said.get(name)) == sent[name] for name in ("click_trans_id", "merchant_trans_id")
            )
            if wanted not in said or not echoed:
                self.world.complain(
                    self.name, f"{title}: ids are missing or not echoed", answer=said, sent=sent
                )
        return said

    # --- the steps of a payment ---
    def _new_payment(self, order: str) -> Payment:
        bill = self.books.bills[order]
        with self.world.lock:
            number, trans, paydoc = (next(self.world.numbers) for _ in range(3))
            payment = Payment(number, trans, paydoc, order, bill.amount, created=self.world.now())
            self.books.payments[payment.id] = payment
        return payment

    def begin(self, act: Act) -> Payment | None:
        payment = self._new_payment(act.reference)
        said = self.prepare(act, payment)
        if not said["error"]:
            return payment
        self.refused(act, said)
        return None

    def prepare(self, act: Act | None, payment: Payment) -> dict[str, Any]:
        said = self.ask(act, payment, action=0)
        payment.status = FAILED if said["error"] else PROCESSING
        payment.prepare_id = str(said.get("merchant_prepare_id", "")) if not said["error"] else ""
        return said

    def take(self, payment: Payment) -> None:
        payment.status = DONE
        for invoice in self.books.invoices.values():
            if invoice["order"] == payment.order:
                invoice["status"] = 1
        self.world.ledger.take(
            self.name, str(payment.id), order=payment.order, amount=payment.amount, currency="UZS"
        )

    def give_back(self, payment: Payment, why: str) -> None:
        payment.status = FAILED
        self.world.ledger.give_back(self.name, str(payment.id), payment.amount, why)

    def finish(self, act: Act | None, payment: Payment) -> bool:
        """Complete; the buyer gets the money back when the shop refuses. False when the shop was not heard."""
        try:
            said = self.ask(act, payment, action=1)
        except Unheard as error:
            self.world.journal.note(self.name, "unheard", str(error), payment=payment.id)
            return False
        if said["error"] not in (
            0,
            -4,
        ):  # -4, already paid: an earlier Complete was heard though its answer was not
            self.give_back(payment, "the shop refused to complete")
            if act is not None:
                self.refused(act, said)
                act.is_taken = False
        return True

    def pay(self, act: Act, payment: Payment) -> None:
        self.take(payment)
        act.is_taken, act.back = True, self.back_to_shop(payment.order)
        if not self.finish(act, payment):
            self.world.later(self.name, "Complete", lambda: self.finish(None, payment), 1.0)

    # --- behaviours ---
    def do_decline(self, act: Act) -> None:
        payment = self.begin(act)
        if payment is None:
            return
        payment.status = FAILED
        said = self.ask(act, payment, action=1, error=NOT_ENOUGH_MONEY, note="Insufficient funds")
        if said["error"] not in (-4, -9):
            self.world.complain(self.name, "Complete: a failed payment was not answered with -9", answer=said)
        act.note = "declined"

    def do_pay_twice(self, act: Act) -> None:
        """Two attempts for one order, both prepared before either is completed, and a third afterwards."""
        attempts = [payment for payment in (self.begin(act), self.begin(act)) if payment]
        for payment in attempts:
            said = self._complete_once(act, payment)
            act.is_taken = act.is_taken or said == 0
        third = self.begin(act)
        if third is not None:
            self._complete_once(act, third)
        act.back = self.back_to_shop(act.reference)

    def _complete_once(self, act: Act, payment: Payment) -> int:
        """A first Complete that hears "already paid" speaks of another attempt: this one's money goes back."""
        self.take(payment)
        error = int(self.ask(act, payment, action=1)["error"])
        if error:
            self.give_back(payment, "the shop refused to complete")
        return error

    def do_callback_late(self, act: Act) -> None:
        if payment := self.begin(act):
            self.take(payment)
            act.is_taken, act.back = True, self.back_to_shop(payment.order)
            self.world.later(self.name, "Complete", lambda: self.finish(None, payment), act.delay)

    def do_callback_lost(self, act: Act) -> None:
        if payment := self.begin(act):
            self.take(payment)
            act.is_taken, act.back = True, self.back_to_shop(payment.order)
            act.note = "paid; Complete is lost"

    def do_callback_shuffled(self, act: Act) -> None:
        payment = self._new_payment(act.reference)
        payment.prepare_id = "999999999"
        self.ask(act, payment, action=1)  # before any Prepare: refused
        if self.prepare(act, payment)["error"]:
            return
        first = payment.prepare_id
        if str(self.ask(act, payment, action=0).get("merchant_prepare_id")) != first:
            self.world.complain(self.name, "Prepare: a repetition got another merchant_prepare_id")
        self.take(payment)
        act.is_taken, act.back = True, self.back_to_shop(payment.order)
        for action in (1, 0, 1, 1):
            self.ask(act, payment, action=action)

    def do_wrong_signature(self, act: Act) -> None:
        payment = self._new_payment(act.reference)
        payment.prepare_id = "1"
        for action in (0, 1):
            if self.ask(act, payment, action=action, forged=True)["error"] != -1:
                self.world.complain(self.name, "a wrong sign_string was not refused with -1")
        payment.status = FAILED
        act.note = "nothing was paid"

    def do_refund(self, act: Act) -> None:
        """Click tells the shop nothing of it: the status is there for those who ask."""
        paid = [
            each
            for each in self.books.payments.values()
            if each.order == act.reference and each.status == DONE
        ]
        if not paid:
            raise CannotAct("nothing was paid")
        self.give_back(paid[-1], "reversed")

    # --- the Merchant API ---
    def authorise(self, request: Request) -> None:
        user, _, rest = request.headers.get("auth", "").partition(":")
        digest, _, timestamp = rest.partition(":")
        fresh = re.fullmatch(r"\d{10}", timestamp) and abs(int(timestamp) - self.world.now()) <= AUTH_SECONDS
        right = hmac.compare_digest(
            digest.encode(), merchant_digest(self.credentials.click_secret_key, timestamp).encode()
        )
        if not (fresh and right and user == self.credentials.click_merchant_user_id):
            raise Refusal(_failed(NO_RIGHT, "Authorization failed", 401))

    def failure(self) -> Response:
        return Response(500, b"<html><body>Internal Server Error</body></html>", "text/html")

    def _check_service(self, service: str) -> None:
        if service != self.credentials.click_service_id:
            raise Refusal(_failed(BAD_REQUEST, "service_id is unknown"))

    @route("POST", "/v2/merchant/invoice/create")
    def create_invoice(self, request: Request) -> Response:
        """A bill on the buyer's phone; paid by the behaviours under its merchant_trans_id."""
        try:
            asked = request.json()
            amount, order = Decimal(str(asked["amount"])), str(asked["merchant_trans_id"])
            service, phone = str(asked["service_id"]), str(asked["phone_number"])
        except (ValueError, ArithmeticError, KeyError, TypeError):
            return _failed(BAD_REQUEST, "service_id, amount, phone_number and merchant_trans_id are needed")
        self._check_service(service)
        if not re.fullmatch(r"998\d{9}", phone.removeprefix("+")) or not amount.is_finite() or amount <= 0:
            return _failed(BAD_REQUEST, "amount or phone_number is wrong")
        self._bill(order, int(amount * 100))
        number = next(self.world.numbers)
        self.books.invoices[number] = {"order": order, "status": 0}
        return Response.of({"error_code": 0, "error_note": "", "invoice_id": number})

    @route("GET", "/v2/merchant/invoice/status/{service}/{invoice}")
    def invoice_status(self, request: Request, service: str, invoice: str) -> Response:
        self._check_service(service)
        found = self.books.invoices.get(int(invoice) if invoice.isdigit() else -1)
        if found is None:
            return _failed(NOT_FOUND, "Invoice not found")
        said = {
            "invoice_status": found["status"],
            "invoice_status_note": "paid" if found["status"] else "created",
        }
        return Response.of({"error_code": 0, "error_note": "", **said})

    @route("GET", "/v2/merchant/payment/status/{service}/{payment}")
    def status(self, request: Request, service: str, payment: str) -> Response:
        self._check_service(service)
        return _status(self.books.payments.get(int(payment) if payment.isdigit() else -1))

    @route("GET", "/v2/merchant/payment/status_by_mti/{service}/{order}")
    @route("GET", "/v2/merchant/payment/status_by_mti/{service}/{order}/{day}")
    def status_of_order(self, request: Request, service: str, order: str, day: str | None = None) -> Response:
        """The attempt of an order that went furthest, the last of those."""
        self._check_service(service)
        found = [each for each in self.books.payments.values() if each.order == order]
        if day is not None:
            found = [
                each
                for each in found
                if datetime.fromtimestamp(each.created, TASHKENT).date().isoformat() == day
            ]
        return _status(max(found, key=lambda each: (each.status, each.id), default=None))

    @route("DELETE", "/v2/merchant/payment/reversal/{service}/{payment}")
    def reversal(self, request: Request, service: str, payment: str) -> Response:
        """All of it; a second one is an error."""
        self._check_service(service)
        found = self.books.payments.get(int(payment) if payment.isdigit() else -1)
        if found is None:
            return _failed(NOT_FOUND, "Payment not found")
        if found.status != DONE:
            return _failed(BAD_REQUEST, "Payment can not be reversed")
        self.give_back(found, "reversed")
        return Response.of({"error_code": 0, "error_note": "", "payment_id": found.id})


def _failed(code: int, note: str, status: int = 200) -> Response:
    return Response.of({"error_code": code, "error_note": note}, status)


def _status(payment: Payment | None) -> Response:
    if payment is None:
        return _failed(NOT_FOUND, "Payment not found")
    said = {"payment_id": payment.id, "payment_status": payment.status, "merchant_trans_id": payment.order}
    return Response.of({"error_code": 0, "error_note": "", **said})
