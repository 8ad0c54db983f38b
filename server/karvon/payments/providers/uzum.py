"""Uzum Bank. Merchant API: the bank calls here - check, create, confirm, reverse, status - and has debited its customer when it confirms.
Success is HTTP 200, every refusal HTTP 400 with an `errorCode`. There is nothing that the bank could be asked.

Source: the OpenAPI document of developer.uzumbank.uz (merchant 1.0.0). The order of checks is ours, the document has none;
the pay page's address is known from one library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.utils.translation import gettext_lazy as _

from karvon.kernel import errors as kernel
from karvon.orders.errors import OrderNotFound
from karvon.payments import errors
from karvon.payments.amounts import from_units, to_units
from karvon.payments.booking import attempts as booking
from karvon.payments.calls import is_signed_on, is_whole, read_object, read_text, reply_json, to_ms
from karvon.payments.models import AttemptState, PaymentAttempt
from karvon.payments.protocol import (
    Account,
    CallbackRequest,
    CallingProvider,
    Capabilities,
    Intent,
    NextStep,
    Reply,
    SecretField,
)

CURRENCY = "UZS"
LIFETIME = timedelta(minutes=30)  # between create and confirm
# the names of `params` are agreed upon with the bank; the second is what its document has in the examples
FIELDS = ("order_id", "account")
CONTENT_TYPE = "application/json"

NO_ACCESS, NO_JSON, NO_OPERATION, MISSING, NO_SERVICE = "10001", "10002", "10003", "10005", "10006"
NO_ORDER, PAID_ALREADY, CALLED_OFF, KNOWN, WRONG_AMOUNT = "10007", "10008", "10009", "10010", "10011"
NO_TRANSACTION, OVER, CONFIRMED_ALREADY = "10014", "10015", "10016"
NOT_NOW, CANCELLED_ALREADY, TROUBLE = "10017", "10018", "99999"
ANOTHER_LIVES = PAID_ALREADY  # the document is silent on a second live transaction of an order

# our refusals, in their codes
CODES: dict[type[kernel.DomainError], str] = {
    OrderNotFound: NO_ORDER,
    errors.AlreadyPaid: PAID_ALREADY,
    errors.OrderCalledOff: CALLED_OFF,
    errors.AmountMismatch: WRONG_AMOUNT,
    errors.AttemptUnderway: ANOTHER_LIVES,
    errors.AttemptNotFound: NO_TRANSACTION,
    errors.AttemptOver: OVER,
    errors.ChargeNotNeeded: OVER,
    errors.NotRefundable: NOT_NOW,
}

STATES = {
    AttemptState.CREATED: "CREATED",
    AttemptState.PAID: "CONFIRMED",
    AttemptState.CANCELLED: "REVERSED",
    AttemptState.REVERSED: "REVERSED",
}  # all others: FAILED


class Refused(Exception):
    """A refusal for the bank."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Asked = dict[str, Any]
Answer = tuple[dict[str, Any], PaymentAttempt | None]


class Uzum(CallingProvider):
    """The bank signs on with `UZUM_USERNAME` and `UZUM_PASSWORD`, which were agreed upon with it."""

    slug = "uzum"
    callback_actions = ("check", "create", "confirm", "reverse", "status")
    name = "Uzum Bank"
    base_url = "https://www.uzumbank.uz"
    asks_before_returning = True
    attempt_lifetime = LIFETIME
    capabilities = Capabilities(currencies=frozenset({CURRENCY}))
    fields = (
        SecretField("UZUM_SERVICE_ID", _("Service ID"), is_secret=False, pattern=r"[1-9]\d{0,18}"),
        SecretField(
            "UZUM_USERNAME",
            _("Name that the bank signs on with"),
            is_secret=False,
            pattern=r"[\x21-\x39\x3b-\x7e]{1,255}",
        ),
        SecretField("UZUM_PASSWORD", _("Password that the bank signs on with")),
    )

    def begin(self, account: Account, intent: Intent) -> NextStep:
        """The page's address says it all."""
        asked = {
            "serviceId": account["UZUM_SERVICE_ID"],
            "order_id": str(intent.order_id),
            "amount": str(to_units(intent.amount, CURRENCY)),
            "redirectUrl": intent.return_url,
        }
        return NextStep(
            "redirect", url=f"{account.base_url}/open-service?{urlencode(asked, quote_via=quote)}"
        )

    def busy(self, request: CallbackRequest) -> Reply:
        return _refusal(read_object(request.body), TROUBLE, request.received_at)

    def answer(self, account: Account | None, request: CallbackRequest) -> Reply:
        """Checked in this order: POST and the method's name, the password, JSON, fields, service; then what it is about."""
        asked = read_object(request.body)
        written: dict[str, Any] = {"is_verified": False}
        now = request.received_at
        try:
            method = self.METHODS.get(request.action)
            if request.method != "POST" or method is None:
                raise Refused(NO_OPERATION)
            user = account.values.get("UZUM_USERNAME", "") if account else ""
            if account is None or not is_signed_on(account, request, user=user, secret="UZUM_PASSWORD"):  # noqa: S106 - a field's name
                raise Refused(NO_ACCESS)
            written = {"is_verified": True, "kind": request.action}
            if asked is None or request.content_type != CONTENT_TYPE:
                raise Refused(NO_JSON)
            _check_fields(request.action, asked)
            if str(asked["serviceId"]) != account["UZUM_SERVICE_ID"]:
                # what is of another service is not to be found in ours
                raise Refused(NO_SERVICE if "params" in REQUIRED[request.action] else NO_TRANSACTION)
            said, attempt = method(self, account, asked, now)
        except Refused as error:
            code = error.code
        except (kernel.LockTimeout, kernel.DependencyDown):
            raise
        except kernel.DomainError as error:
            code = CODES.get(type(error), OVER)
        else:
            written["payment_id"] = attempt.payment_id if attempt else None
            return reply_json(200, {"serviceId": asked["serviceId"], **said}, **written)
        if account is not None and asked is not None and written["is_verified"]:
            written["payment_id"] = booking.payment_of(account, asked.get("transId"))
        return _refusal(asked, code, now, **written)

    def check_order(self, account: Account, asked: Asked, now: datetime) -> Answer:
        """Whether the order may be paid. Nothing is changed."""
        payable = booking.check_payable(account, _order_text(asked))
        if payable.currency != CURRENCY:
            raise OrderNotFound
        return {"timestamp": to_ms(now), "status": "OK"}, None

    def create(self, account: Account, asked: Asked, now: datetime) -> Answer:
        """Begin a transaction. The same one again is refused, unless its order is paid or called off, which is told first."""
        known = self._find(account, asked, now)
        if known is not None:
            booking.check_payable(account, _order_text(asked))
            raise Refused(KNOWN)
        order = booking.find_order(account, _order_text(asked))
        attempt = booking.open_attempt(
            account=account,
            order_id=order.pk,
            reference=asked["transId"],
            amount=from_units(asked["amount"], CURRENCY),
            currency=CURRENCY,
            data={},
            is_exclusive=True,
            now=now,
        )
        if attempt.begun_at != now:
            raise Refused(KNOWN)  # by the same message, this very moment
        return _told(attempt, "status", "transTime"), attempt

    def confirm(self, account: Account, asked: Asked, now: datetime) -> Answer:
        """The money is there. An order that expired comes back if its goods are still there; else the transaction has failed,
        and the bank gives the money back.
        """
        attempt = self._get(account, asked, now)
        if attempt.state == AttemptState.PAID:
            raise Refused(CONFIRMED_ALREADY)
        data = {"payment_source": read_text(asked["paymentSource"])}
        try:
            attempt = booking.complete_attempt(
                account=account, reference=attempt.reference, data=data, now=now
            )
        except errors.ChargeNotNeeded as error:
            self._end(account, attempt, AttemptState.FAILED, error.code, now)
            raise Refused(OVER) from None
        if attempt.state != AttemptState.PAID:
            raise errors.AttemptOver
        if attempt.finished_at != now:
            raise Refused(CONFIRMED_ALREADY)
        return _told(attempt, "status", "confirmTime"), attempt

    def reverse(self, account: Account, asked: Asked, now: datetime) -> Answer:
        """The bank gives up, or gives the money back."""
        attempt = self._get(account, asked, now)
        if attempt.state not in (AttemptState.CREATED, AttemptState.PAID):
            raise Refused(CANCELLED_ALREADY)
        try:
            attempt = self._end(account, attempt, AttemptState.CANCELLED, "reversed", now)
        except errors.AlreadyPaid:
            attempt = booking.reverse_attempt(
                account=account, reference=attempt.reference, data={}, now=now, reason=self.name
            )
        if attempt.cancelled_at != now:
            raise Refused(CANCELLED_ALREADY)
        return _told(attempt, "status", "reverseTime"), attempt

    def status(self, account: Account, asked: Asked, now: datetime) -> Answer:
        """How a transaction stands here."""
        attempt = self._get(account, asked, now)
        return _told(attempt, "status", "transTime", "confirmTime", "reverseTime"), attempt

    def _get(self, account: Account, asked: Asked, now: datetime) -> PaymentAttempt:
        """Raises AttemptNotFound."""
        found = self._find(account, asked, now)
        if found is None:
            raise errors.AttemptNotFound
        return found

    def _find(self, account: Account, asked: Asked, now: datetime) -> PaymentAttempt | None:
        """The transaction, ended if its time is over: nobody waits for the sweep to hear that."""
        found = booking.find_attempt(account, asked["transId"])
        if found is None or found.state != AttemptState.CREATED or found.begun_at + LIFETIME > now:
            return found
        try:
            return self._end(account, found, AttemptState.EXPIRED, "expired", now)
        except errors.AlreadyPaid:  # this very moment
            return booking.find_attempt(account, found.reference)

    def _end(
        self, account: Account, attempt: PaymentAttempt, to: AttemptState, why: str, now: datetime
    ) -> PaymentAttempt:
        return booking.cancel_attempt(
            account=account, reference=attempt.reference, to=to, data={}, now=now, failure=why
        )

    METHODS: ClassVar[dict[str, Callable[[Uzum, Account, Asked, datetime], Answer]]] = {
        "check": check_order,
        "create": create,
        "confirm": confirm,
        "reverse": reverse,
        "status": status,
    }


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_params(value: Any) -> bool:
    return isinstance(value, dict) and any(value.get(name) not in (None, "") for name in FIELDS)


def _is_transaction(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9A-Za-z-]{1,64}", value) is not None


SHAPES: dict[str, Callable[[Any], bool]] = {
    "serviceId": is_whole,
    "timestamp": is_whole,
    "transId": _is_transaction,
    "params": _is_params,
    "amount": is_whole,
    "paymentSource": _is_name,
    "phone": _is_name,
}
REQUIRED = {
    "check": ("serviceId", "timestamp", "params"),
    "create": ("serviceId", "timestamp", "transId", "params", "amount"),
    "confirm": ("serviceId", "timestamp", "transId", "paymentSource", "phone"),
    "reverse": ("serviceId", "timestamp", "transId"),
    "status": ("serviceId", "timestamp", "transId"),
}


def _check_fields(action: str, asked: Asked) -> None:
    """Raises Refused for what is missing or of another type; fields that nobody knows are let be."""
    if not all(SHAPES[name](asked.get(name)) for name in REQUIRED[action]):
        raise Refused(MISSING)


def _order_text(asked: Asked) -> str:
    """What the payer calls the order. Raises OrderNotFound."""
    params = asked["params"]
    text = read_text(next(params[name] for name in FIELDS if params.get(name) not in (None, "")))
    if not text:
        raise OrderNotFound
    return text


def _told(attempt: PaymentAttempt, *names: str) -> dict[str, Any]:
    """All that the bank is ever told of a transaction, from what is written down."""
    state = STATES.get(AttemptState(attempt.state), "FAILED")
    told = {
        "status": state,
        "transTime": to_ms(attempt.begun_at),
        "confirmTime": to_ms(attempt.finished_at) or None,
        "reverseTime": to_ms(attempt.cancelled_at) if state == "REVERSED" else None,
    }
    amount = to_units(attempt.amount, CURRENCY)
    return {"transId": attempt.reference, **{name: told[name] for name in names}, "amount": amount}


def _refusal(asked: Asked | None, code: str, now: datetime, **written: Any) -> Reply:
    """Whose the message was, as far as that could be read, and the code."""
    known = asked or {}
    said: dict[str, Any] = {
        name: known[name] for name in ("serviceId", "transId") if SHAPES[name](known.get(name))
    }
    said |= {"timestamp": to_ms(now), "status": "FAILED", "errorCode": code}
    return reply_json(400, said, **({"outcome": "refused", "note": code} | written))
