"""Click. SHOP-API: Click calls here twice for a payment, Prepare and Complete, and signs with md5. Merchant API: how a payment stands, and
its reversal.

Source: docs.click.uz (click-api-request, click-api-error, merchant-api-request), the order of checks as
click-llc/click-integration-php has it; the pay page's address is known from libraries only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode

from django.utils.translation import gettext_lazy as _

from karvon.kernel import errors as kernel
from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Order, PaymentState
from karvon.orders.states import CALLED_OFF
from karvon.payments import errors
from karvon.payments.amounts import read_amount, to_text
from karvon.payments.booking import attempts as booking
from karvon.payments.calls import reply_json
from karvon.payments.models import AttemptState, PaymentAttempt
from karvon.payments.outside import ask_json
from karvon.payments.protocol import (
    Account,
    CallbackRequest,
    CallingProvider,
    Capabilities,
    Charged,
    Fact,
    Failed,
    Intent,
    NextStep,
    RefundAnswer,
    RefundOrder,
    Reply,
    SecretField,
)

CURRENCY = "UZS"
PAGES, API = "https://my.click.uz", "https://api.click.uz"
FORM = "application/x-www-form-urlencoded"
# how long Click may take between Prepare and Complete is not documented
LIFETIME = timedelta(hours=24)

FORGED, WRONG_AMOUNT, NO_ACTION, PAID_ALREADY, NO_ORDER = -1, -2, -3, -4, -5
NO_TRANSACTION, TROUBLE, BAD_REQUEST, CANCELLED = -6, -7, -8, -9
NOTES = {
    0: "Success",
    FORGED: "SIGN CHECK FAILED!",
    WRONG_AMOUNT: "Incorrect parameter amount",
    NO_ACTION: "Action not found",
    PAID_ALREADY: "Already paid",
    NO_ORDER: "User does not exist",
    NO_TRANSACTION: "Transaction does not exist",
    TROUBLE: "Failed to update user",
    BAD_REQUEST: "Error in request from click",
    CANCELLED: "Transaction cancelled",
}
# our refusals, in their numbers
CODES: dict[type[kernel.DomainError], int] = {
    OrderNotFound: NO_ORDER,
    errors.AmountMismatch: WRONG_AMOUNT,
    errors.AlreadyPaid: PAID_ALREADY,
    errors.AttemptNotFound: NO_TRANSACTION,
}

# the shape of what is signed; with these no text can be read as another message that has the same signature
SHAPES = {
    "click_trans_id": r"[1-9]\d{0,18}",
    "service_id": r"\d{1,19}",
    "click_paydoc_id": r"\d{1,19}",
    "error": r"-?\d{1,9}",
    "sign_time": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
}
REQUIRED = (*SHAPES, "merchant_trans_id", "amount", "action", "sign_string")
PREPARE, COMPLETE = "0", "1"
ACTIONS = {"prepare": PREPARE, "complete": COMPLETE}  # by the address
DONE = 2  # payment_status: below zero error, 0 created, 1 processing


class Refused(Exception):
    """An `error` for Click."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ApiRefused(errors.ProviderRefused):
    """The Merchant API answered with an `error_code`; `is_auth` where it does not know us."""

    def __init__(self, status: int, note: str) -> None:
        super().__init__()
        self.is_auth, self.note = status in (401, 403), note


@dataclass(frozen=True)
class Call:
    """A message of Click's that is right in form and signature."""

    trans: str
    paydoc: str  # the number that the customer is told by SMS
    order_text: str
    prepare_id: str
    amount: str
    error: int
    now: datetime


def signature_of(fields: dict[str, str], secret: str) -> str:
    """md5 over the texts as they came, nothing between them."""
    prepare_id = fields.get("merchant_prepare_id", "") if fields["action"] == COMPLETE else ""
    text = (
        fields["click_trans_id"] + fields["service_id"] + secret + fields["merchant_trans_id"] + prepare_id
        + fields["amount"] + fields["action"] + fields["sign_time"]
    )  # fmt: skip
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - Click's protocol


def digest_of(secret: str, timestamp: str) -> str:
    """The middle of the Merchant API's `Auth: <user>:<digest>:<timestamp>`."""
    return hashlib.sha1((timestamp + secret).encode()).hexdigest()  # noqa: S324 - Click's protocol


class Click(CallingProvider):
    """The same secret key signs what Click sends and what Click is asked."""

    slug = "click"
    callback_actions = tuple(ACTIONS)
    name = "Click"
    base_url = PAGES
    attempt_lifetime = LIFETIME
    capabilities = Capabilities(currencies=frozenset({CURRENCY}), refunds="full", can_fetch=True)
    fields = (
        SecretField("CLICK_SERVICE_ID", _("Service ID"), is_secret=False, pattern=r"\d{1,19}"),
        SecretField("CLICK_MERCHANT_ID", _("Merchant ID"), is_secret=False, pattern=r"\d{1,19}"),
        SecretField("CLICK_MERCHANT_USER_ID", _("Merchant user ID"), is_secret=False, pattern=r"\d{1,19}"),
        SecretField("CLICK_SECRET_KEY", _("Secret key")),
    )

    # --- the pay page ---
    def begin(self, account: Account, intent: Intent) -> NextStep:
        """The page's address says it all."""
        asked = {
            "service_id": account["CLICK_SERVICE_ID"],
            "merchant_id": account["CLICK_MERCHANT_ID"],
            "amount": to_text(intent.amount, CURRENCY),
            "transaction_param": str(intent.order_id),
            "return_url": intent.return_url,
        }
        return NextStep(
            "redirect", url=f"{account.base_url}/services/pay?{urlencode(asked, quote_via=quote)}"
        )

    # --- the Merchant API ---
    def fetch(
        self, account: Account, *, reference: str, charge_reference: str, payment_id: int
    ) -> list[Fact]:
        """How Click's payment of this order stands. Its amount is the one that Click signed at Prepare.

        Click is asked by the order: once one of its transactions has money, the answer says nothing of another.
        """
        live = [
            each for each in booking.list_attempts(account, payment_id) if each.state == AttemptState.CREATED
        ]
        if not live or booking.has_money(account, payment_id):
            return []
        attempt = live[0]
        try:
            status = self._status(account, attempt)["payment_status"]
        except ApiRefused as refused:
            if refused.is_auth:
                raise
            return []  # not known there
        if status == DONE:
            return [
                Charged(
                    payment_id,
                    charge_reference=attempt.reference,
                    amount=attempt.amount,
                    currency=attempt.currency,
                )
            ]
        return [Failed(payment_id, reason=f"status {status}")] if status < 0 else []

    def refund(self, account: Account, order: RefundOrder) -> RefundAnswer:
        """Reverse the whole payment. Click knows no idempotency keys, so its status is asked for before each try: what an
        earlier one reversed is in error there; before the first, that may be another payment, and a person looks.
        """
        attempt = booking.find_attempt(account, order.charge_reference)
        if attempt is None or not order.is_full:
            return RefundAnswer("failed", reason="only whole payments are reversed")
        try:
            payment = self._status(account, attempt)
            if payment["payment_status"] < 0 and order.is_first:
                return RefundAnswer("failed", reason=f"payment {payment['payment_id']} is not paid there")
            if payment["payment_status"] < 0:
                return RefundAnswer("succeeded", reference=str(payment["payment_id"]))
            if payment["payment_status"] != DONE:
                return RefundAnswer("processing")
            path = f"payment/reversal/{account['CLICK_SERVICE_ID']}/{payment['payment_id']}"
            self._ask(account, "DELETE", path)
        except ApiRefused as refused:
            return RefundAnswer("failed", reason=refused.note)
        return RefundAnswer("succeeded", reference=str(payment["payment_id"]))

    def check(self, account: Account) -> None:
        """Ask for a payment that cannot be: with a wrong key that is not even looked for."""
        try:
            self._ask(account, "GET", f"payment/status/{account['CLICK_SERVICE_ID']}/0")
        except ApiRefused as refused:
            if refused.is_auth:
                raise

    def _status(self, account: Account, attempt: PaymentAttempt) -> dict[str, Any]:
        """Click's payment_id and payment_status; raises ProviderUnavailable for an answer without them."""
        order = quote(attempt.data["merchant_trans_id"], safe="")
        said = self._ask(account, "GET", f"payment/status_by_mti/{account['CLICK_SERVICE_ID']}/{order}")
        if type(said.get("payment_id")) is not int or type(said.get("payment_status")) is not int:
            raise errors.ProviderUnavailable
        return said

    def _ask(self, account: Account, method: str, path: str) -> dict[str, Any]:
        timestamp = str(int(time.time()))
        digest = digest_of(account["CLICK_SECRET_KEY"], timestamp)
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Auth": f"{account['CLICK_MERCHANT_USER_ID']}:{digest}:{timestamp}",
        }
        base = API if account.base_url == PAGES else account.base_url
        status, said = ask_json(method, f"{base}/v2/merchant/{path}", headers=headers)
        if said.get("error_code") != 0:
            raise ApiRefused(status, str(said.get("error_note") or said.get("error_code"))[:200])
        return said

    # --- SHOP-API ---
    def busy(self, request: CallbackRequest) -> Reply:
        return _reply(TROUBLE)

    def answer(self, account: Account | None, request: CallbackRequest) -> Reply:
        """Checked in this order: fields, signature, service, action, order, prepare id, paid already, amount, cancelled."""
        written: dict[str, Any] = {"is_verified": False}
        try:
            fields = _read_form(request)
            _check_signature(account, fields)
            written = {"is_verified": True, "kind": request.action}
            if account is None or fields["service_id"] != account["CLICK_SERVICE_ID"]:
                raise Refused(BAD_REQUEST)
            method = self.METHODS.get(fields["action"])
            if method is None or ACTIONS.get(request.action) != fields["action"]:
                raise Refused(NO_ACTION)
            known = booking.find_attempt(account, fields["click_trans_id"])
            written["payment_id"] = known.payment_id if known else None
            order = booking.find_order(account, fields["merchant_trans_id"], begun=known)
            attempt = method(self, account, order, known, _call(fields, request.received_at))
        except Refused as refused:
            return _reply(refused.code, **written)
        except (kernel.LockTimeout, kernel.DependencyDown):
            raise
        except kernel.DomainError as error:
            return _reply(CODES.get(type(error), CANCELLED), **written)
        said = {
            "click_trans_id": int(fields["click_trans_id"]),
            "merchant_trans_id": fields["merchant_trans_id"],
            f"merchant_{'confirm' if method is Click.complete else 'prepare'}_id": attempt.pk,
        }
        return _reply(0, said, **written | {"payment_id": attempt.payment_id})

    def prepare(
        self, account: Account, order: Order, known: PaymentAttempt | None, call: Call
    ) -> PaymentAttempt:
        """Begin a transaction; the same one again is answered as it was, as long as its order waits for money."""
        if known is None:
            if call.error < 0:
                raise Refused(CANCELLED)
            known = booking.open_attempt(
                account=account,
                order_id=order.pk,
                reference=call.trans,
                amount=_amount(call),
                currency=CURRENCY,
                data={"merchant_trans_id": call.order_text, "click_paydoc_id": call.paydoc},
                is_exclusive=False,
                now=call.now,
            )
        if known.payment.order_id != order.pk:
            raise Refused(BAD_REQUEST)
        _check_state(known, order, call)
        if order.state in CALLED_OFF:
            raise errors.OrderCalledOff
        return known

    def complete(
        self, account: Account, order: Order, attempt: PaymentAttempt | None, call: Call
    ) -> PaymentAttempt:
        """The money is there, or Click gives up. An order that expired comes back if its goods are still there."""
        if attempt is None or str(attempt.pk) != call.prepare_id or attempt.payment.order_id != order.pk:
            raise errors.AttemptNotFound
        _check_state(attempt, order, call)
        if call.error < 0:
            self._cancel(account, call, f"error {call.error}")
            raise Refused(CANCELLED)
        try:
            done = booking.complete_attempt(
                account=account, reference=call.trans, data={"click_paydoc_id": call.paydoc}, now=call.now
            )
        except errors.ChargeNotNeeded as error:
            self._cancel(account, call, error.code)
            raise Refused(PAID_ALREADY if error.code == "already_paid" else CANCELLED) from None
        if done.finished_at != call.now:
            raise errors.AlreadyPaid  # by the same message, this very moment
        return done

    def _cancel(self, account: Account, call: Call, failure: str) -> None:
        booking.cancel_attempt(
            account=account,
            reference=call.trans,
            to=AttemptState.CANCELLED,
            data={},
            now=call.now,
            failure=failure,
        )

    METHODS: ClassVar[
        dict[str, Callable[[Click, Account, Order, PaymentAttempt | None, Call], PaymentAttempt]]
    ] = {
        PREPARE: prepare,
        COMPLETE: complete,
    }


def _read_form(request: CallbackRequest) -> dict[str, str]:
    """The fields as they came. Raises Refused for a form that lacks one, has one twice, or is none."""
    if request.method != "POST" or request.content_type != FORM:
        raise Refused(BAD_REQUEST)
    try:
        pairs = parse_qsl(
            request.body.decode("ascii"), keep_blank_values=True, max_num_fields=64, errors="strict"
        )
    except ValueError:
        raise Refused(BAD_REQUEST) from None
    fields = dict(pairs)
    wanted = (*REQUIRED, "merchant_prepare_id") if fields.get("action") == COMPLETE else REQUIRED
    is_whole = len(fields) == len(pairs) and all(fields.get(name) for name in wanted)
    if not is_whole or not all(re.fullmatch(shape, fields[name], re.ASCII) for name, shape in SHAPES.items()):
        raise Refused(BAD_REQUEST)
    return fields


def _check_signature(account: Account | None, fields: dict[str, str]) -> None:
    secret = account.values.get("CLICK_SECRET_KEY", "") if account else ""
    ours, theirs = signature_of(fields, secret).encode(), fields["sign_string"].encode()
    if not secret or not hmac.compare_digest(ours, theirs):
        raise Refused(FORGED)


def _call(fields: dict[str, str], now: datetime) -> Call:
    return Call(
        trans=fields["click_trans_id"],
        paydoc=fields["click_paydoc_id"],
        order_text=fields["merchant_trans_id"],
        prepare_id=fields.get("merchant_prepare_id", ""),
        amount=fields["amount"],
        error=int(fields["error"]),
        now=now,
    )


def _amount(call: Call) -> Decimal:
    """Soums, exactly. Raises AmountMismatch for what is no plain number, or begins with noughts."""
    if not re.fullmatch(r"(0|[1-9]\d*)(\.\d+)?", call.amount, re.ASCII):
        raise errors.AmountMismatch
    return read_amount(call.amount)


def _check_state(attempt: PaymentAttempt, order: Order, call: Call) -> None:
    """Whether a transaction may go on: nothing is paid already, it is of that amount, and not over."""
    if attempt.state == AttemptState.PAID or order.payment_state == PaymentState.PAID:
        raise errors.AlreadyPaid
    if _amount(call) != attempt.amount:
        raise errors.AmountMismatch
    if attempt.state != AttemptState.CREATED:
        raise errors.AttemptOver


def _reply(code: int, said: dict[str, Any] | None = None, **written: Any) -> Reply:
    if code:
        written = {"outcome": "refused", "note": str(code)} | written
    return reply_json(200, {**(said or {}), "error": code, "error_note": NOTES[code]}, **written)
