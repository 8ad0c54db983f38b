"""Payme (Paycom). Merchant API: Payme calls one address here by JSON-RPC, each method twice, and is always answered with HTTP 200.
Subscribe API: receipts are asked about and cancelled.

Source: developer.help.paycom.uz (protocol, error codes), its sandbox page (what is sent twice, -31008 for another live
transaction) and PaycomUZ/paycom-integration-php-template; names of the Subscribe API as payme-pkg 3.4.1 has them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from karvon.kernel import errors as kernel
from karvon.orders.errors import OrderNotFound
from karvon.payments import errors
from karvon.payments.amounts import from_units, to_units
from karvon.payments.booking import attempts as booking
from karvon.payments.calls import from_ms, is_signed_on, is_whole, read_object, reply_json, to_ms
from karvon.payments.models import AttemptState, PaymentAttempt
from karvon.payments.outside import ask_json
from karvon.payments.protocol import (
    Account,
    CallbackRequest,
    CallingProvider,
    Capabilities,
    Charged,
    Fact,
    Intent,
    NextStep,
    RefundAnswer,
    RefundMade,
    RefundOrder,
    Reply,
    SecretField,
)
from karvon.payments.providers import payme_words as w

# our refusals, in their numbers
CODES: dict[type[kernel.DomainError], int] = {
    OrderNotFound: w.NO_ORDER,
    errors.AlreadyPaid: w.PAID_ALREADY,
    errors.OrderCalledOff: w.CALLED_OFF,
    errors.AmountMismatch: w.WRONG_AMOUNT,
    errors.AttemptNotFound: w.NO_TRANSACTION,
    errors.AttemptUnderway: w.ANOTHER_LIVES,
    errors.AttemptOver: w.IMPOSSIBLE,
    errors.ChargeNotNeeded: w.IMPOSSIBLE,
    errors.NotRefundable: w.HANDED_OVER,
}
OF_ACCOUNT = frozenset({w.NO_ORDER, w.PAID_ALREADY, w.CALLED_OFF})

Answer = tuple[dict[str, Any], int | None]  # the `result`, and the payment that it is about


class Payme(CallingProvider):
    """`PAYME_KEY` is the cashbox's key: Payme signs on with it, and so do we where it may cancel receipts."""

    slug = "payme"
    name = "Payme"
    base_url = "https://checkout.paycom.uz"
    asks_before_returning = True
    attempt_lifetime = w.LIFETIME
    capabilities = Capabilities(currencies=frozenset({w.CURRENCY}), refunds="full", can_fetch=True)
    fields = (
        SecretField("PAYME_MERCHANT_ID", _("Cashbox ID"), is_secret=False, pattern=r"[0-9A-Za-z_-]{1,64}"),
        SecretField("PAYME_KEY", _("Cashbox key")),
    )

    # --- the pay page ---
    def begin(self, account: Account, intent: Intent) -> NextStep:
        """The checkout page's address says it all."""
        pairs = {
            "m": account["PAYME_MERCHANT_ID"],
            f"ac.{w.FIELD}": str(intent.order_id),
            "a": str(to_units(intent.amount, w.CURRENCY)),
        }
        if intent.language in w.LANGUAGES:
            pairs["l"] = intent.language
        if intent.return_url:
            pairs["c"] = intent.return_url.replace(";", "%3B")
        return NextStep("redirect", url=f"{account.base_url}/{w.encode_link(pairs)}")

    # --- the Subscribe API ---
    def fetch(
        self, account: Account, *, reference: str, charge_reference: str, payment_id: int
    ) -> list[Fact]:
        """What the receipts of this payment say: the newest that is paid, else how the newest stands."""
        told: list[Fact] = []
        for attempt in booking.list_attempts(account, payment_id):
            receipt = self._ask(account, "receipts.get", {"id": attempt.reference}).get("receipt")
            fact = w.read_receipt(receipt, attempt) if isinstance(receipt, dict) else None
            if isinstance(fact, Charged | RefundMade):
                return [fact]
            told += [fact] if fact else []
        return told[:1]

    def refund(self, account: Account, order: RefundOrder) -> RefundAnswer:
        """Queue the receipt to be cancelled. CancelTransaction follows, and its answer finishes the refund; one that is
        queued or cancelled already is only looked at.
        """
        receipt_id = order.charge_reference
        receipt = self._ask(account, "receipts.get", {"id": receipt_id}).get("receipt")
        if isinstance(receipt, dict) and receipt.get("state") == w.RECEIPT_PAID:
            receipt = self._ask(account, "receipts.cancel", {"id": receipt_id}).get("receipt")
        state = receipt.get("state") if isinstance(receipt, dict) else None
        if state == w.RECEIPT_CANCELLED:
            return RefundAnswer("succeeded", reference=receipt_id)
        if state in (w.RECEIPT_PAID, w.RECEIPT_CANCELLING):
            return RefundAnswer("processing", reference=receipt_id)
        return RefundAnswer("failed", reason=f"the receipt's state is {state}")

    def check(self, account: Account) -> None:
        """Ask for a receipt that cannot be: with the wrong key that is not even looked for."""
        try:
            self._ask(account, "receipts.check", {"id": "0" * 24})
        except ReceiptRefused as error:
            if error.number == w.NO_RIGHT:
                raise

    def _ask(self, account: Account, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The `result`. Raises ProviderUnavailable, and ReceiptRefused for an `error`."""
        headers = {"X-Auth": f"{account['PAYME_MERCHANT_ID']}:{account['PAYME_KEY']}"}
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        _status, said = ask_json("POST", f"{account.base_url}/api", json=asked, headers=headers)
        error, result = said.get("error"), said.get("result")
        if isinstance(error, dict):
            raise ReceiptRefused(error)
        if not isinstance(result, dict):
            raise errors.ProviderUnavailable
        return result

    # --- the Merchant API ---
    def expiry_data(self, now: datetime) -> dict[str, Any]:
        return {"reason": w.BY_TIMEOUT}

    def busy(self, request: CallbackRequest) -> Reply:
        refused = w.Refused(w.TROUBLE, kernel.LockTimeout.message)
        return reply_json(200, {"id": w.number_of(read_object(request.body)), "error": refused.body})

    def answer(self, account: Account | None, request: CallbackRequest) -> Reply:
        """Checked in this order: POST, the key, JSON, its shape, the method, the parameters."""
        asked = read_object(request.body)
        written: dict[str, Any] = {"is_verified": False, "note": "not signed on"}
        try:
            if request.method != "POST":
                raise w.Refused(w.NOT_POST, kernel.ValidationFailed.message)
            if account is None or not is_signed_on(account, request, user="Paycom", secret="PAYME_KEY"):  # noqa: S106 - a field's name
                raise w.Refused(w.NO_RIGHT, kernel.PermissionRefused.message)
            written = {"is_verified": True}
            handler, params = _read_call(asked, request)
            written["kind"] = handler.__name__
            result, written["payment_id"] = handler(self, account, params, request.received_at)
        except w.Refused as error:
            refused = error
        except (kernel.LockTimeout, kernel.DependencyDown):
            raise
        except kernel.DomainError as error:
            code = CODES.get(type(error), w.IMPOSSIBLE)
            refused = w.Refused(code, error.message, w.FIELD if code in OF_ACCOUNT else None)
        else:
            return reply_json(200, {"id": w.number_of(asked), "result": result}, **written)
        if account is not None and "kind" in written:
            written["payment_id"] = booking.payment_of(account, params.get("id"))
        return w.refusal(asked, refused, **written)

    def CheckPerformTransaction(self, account: Account, params: dict[str, Any], now: datetime) -> Answer:
        """Whether the order may be paid. Nothing is changed."""
        payable = booking.check_payable(account, w.order_text(params))
        if (from_units(w.amount_of(params), w.CURRENCY), w.CURRENCY) != (payable.amount, payable.currency):
            raise errors.AmountMismatch
        return {"allow": True}, None

    def CreateTransaction(self, account: Account, params: dict[str, Any], now: datetime) -> Answer:
        """Begin a transaction; the same one again is answered as it was."""
        reference, time = w.transaction_id(params), params.get("time")
        if not is_whole(time) or not 10**12 <= time < 10**13:
            raise w.Refused(w.BAD_REQUEST, kernel.ValidationFailed.message, "time")
        known = self._find(account, reference, now)
        if known is None:
            # nor may a clock that is wrong let a transaction live, and keep others out, for ever
            if abs(now - from_ms(time)) >= w.LIFETIME:
                raise errors.AttemptOver
            order = booking.find_order(account, w.order_text(params))
            known = booking.open_attempt(
                account=account,
                order_id=order.pk,
                reference=reference,
                amount=from_units(w.amount_of(params), w.CURRENCY),
                currency=w.CURRENCY,
                data={"time": time, w.FIELD: params["account"][w.FIELD], "create_time": to_ms(now)},
                is_exclusive=True,
                now=now,
                begun_at=from_ms(time),
            )
        if known.state != AttemptState.CREATED:
            raise errors.AttemptOver
        _check_same(account, known, params)
        return w.result_of(known, "create_time", "transaction", "state"), known.payment_id

    def PerformTransaction(self, account: Account, params: dict[str, Any], now: datetime) -> Answer:
        """The money is there. An order that expired comes back if its goods are still there; else Payme keeps it."""
        attempt = self._get(account, params, now)
        if attempt.state == AttemptState.CREATED:
            attempt = booking.complete_attempt(account=account, reference=attempt.reference, data={}, now=now)
        if attempt.state != AttemptState.PAID:
            raise errors.AttemptOver
        return w.result_of(attempt, "transaction", "perform_time", "state"), attempt.payment_id

    def CancelTransaction(self, account: Account, params: dict[str, Any], now: datetime) -> Answer:
        """Payme gives up, or gives the money back: the merchant's word in Payme's cabinet, or our own refund."""
        reason = params.get("reason")
        if not is_whole(reason):
            raise w.Refused(w.BAD_REQUEST, kernel.ValidationFailed.message, "reason")
        attempt = self._get(account, params, now)
        ending: dict[str, Any] = {
            "account": account,
            "reference": attempt.reference,
            "data": {"reason": reason},
            "now": now,
        }
        try:
            to = AttemptState.EXPIRED if reason == w.BY_TIMEOUT else AttemptState.CANCELLED
            attempt = booking.cancel_attempt(**ending, to=to, failure=f"reason {reason}")
        except errors.AlreadyPaid:
            attempt = booking.reverse_attempt(**ending, reason=f"{self.name}: {reason}")
        return w.result_of(attempt, "transaction", "cancel_time", "state"), attempt.payment_id

    def CheckTransaction(self, account: Account, params: dict[str, Any], now: datetime) -> Answer:
        attempt = self._get(account, params, now)
        names = ("create_time", "perform_time", "cancel_time", "transaction", "state", "reason")
        return w.result_of(attempt, *names), attempt.payment_id

    def GetStatement(self, account: Account, params: dict[str, Any], now: datetime) -> Answer:
        """Transactions that Payme began between two moments, both included, as Payme counts time."""
        for name in ("from", "to"):
            if not is_whole(params.get(name)) or not 0 <= params[name] < 10**14:
                raise w.Refused(w.NO_ORDER, kernel.ValidationFailed.message, name)
        since, until = from_ms(params["from"]), from_ms(params["to"])
        found = booking.list_begun(account, since, until)
        return {"transactions": [w.line_of(self._ended(account, each, now)) for each in found]}, None

    def SetFiscalData(self, account: Account, params: dict[str, Any], now: datetime) -> Answer:
        """Keep the fiscal receipt as it comes."""
        kind, fiscal = params.get("type"), params.get("fiscal_data")
        if kind not in ("PERFORM", "CANCEL") or not w.is_flat(fiscal):
            raise w.Refused(w.BAD_FISCAL, kernel.ValidationFailed.message, "fiscal_data")
        try:
            attempt = self._get(account, params, now)
        except errors.AttemptNotFound as error:
            raise w.Refused(w.NO_RECEIPT, error.message) from None
        booking.note_attempt(
            account=account, reference=attempt.reference, data={f"fiscal_{kind.lower()}": fiscal}
        )
        return {"success": True}, attempt.payment_id

    def _get(self, account: Account, params: dict[str, Any], now: datetime) -> PaymentAttempt:
        """Raises AttemptNotFound."""
        found = self._find(account, w.transaction_id(params), now)
        if found is None:
            raise errors.AttemptNotFound
        return found

    def _find(self, account: Account, reference: str, now: datetime) -> PaymentAttempt | None:
        found = booking.find_attempt(account, reference)
        return self._ended(account, found, now) if found is not None else None

    def _ended(self, account: Account, attempt: PaymentAttempt, now: datetime) -> PaymentAttempt:
        """The transaction, ended if its time is over: nobody waits for the sweep to hear that."""
        if attempt.state != AttemptState.CREATED or attempt.begun_at + w.LIFETIME > now:
            return attempt
        try:
            return booking.cancel_attempt(
                account=account,
                reference=attempt.reference,
                to=AttemptState.EXPIRED,
                data=self.expiry_data(now),
                now=now,
                failure="expired",
            )
        except errors.AlreadyPaid:  # this very moment
            return booking.find_attempt(account, attempt.reference) or attempt

    METHODS: ClassVar[dict[str, Callable[[Payme, Account, dict[str, Any], datetime], Answer]]] = {
        each.__name__: each
        for each in (
            CheckPerformTransaction, CreateTransaction, PerformTransaction, CancelTransaction, CheckTransaction,
            GetStatement, SetFiscalData,
        )
    }  # fmt: skip


class ReceiptRefused(errors.ProviderRefused):
    """The Subscribe API's `error`: `number` is its code."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__()
        self.number = error.get("code")


def _read_call(asked: dict[str, Any] | None, request: CallbackRequest) -> tuple[Any, dict[str, Any]]:
    """The handler and its parameters. Raises Refused."""
    if asked is None or request.content_type not in w.CONTENT_TYPES:
        raise w.Refused(w.NO_JSON, kernel.ValidationFailed.message)
    method, params = asked.get("method"), asked.get("params")
    if not isinstance(method, str) or not isinstance(params, dict) or w.number_of(asked) is None:
        raise w.Refused(w.BAD_REQUEST, kernel.ValidationFailed.message)
    handler = Payme.METHODS.get(method)
    if handler is None:
        raise w.Refused(w.NO_METHOD, kernel.NotFound.message, method[:64])
    return handler, params


def _check_same(account: Account, known: PaymentAttempt, params: dict[str, Any]) -> None:
    """A transaction is for one order and one amount, however often it is begun."""
    if booking.find_order(account, w.order_text(params), begun=known).pk != known.payment.order_id:
        raise OrderNotFound
    if from_units(w.amount_of(params), w.CURRENCY) != known.amount:
        raise errors.AmountMismatch
