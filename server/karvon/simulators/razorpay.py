"""Razorpay: orders, payments, captures, refunds and hosted checkout, as its official SDK asks for them.

Source: razorpay-python 2.0.1 and the markdown-docs snapshot of 2026-04-09.
"""

from __future__ import annotations

import copy
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from karvon.simulators import razorpay_objects as objects
from karvon.simulators.core import Act, Bill, CannotAct, Request, Response, new_id, route
from karvon.simulators.credentials import Credentials
from karvon.simulators.pages import form_page, pay_page
from karvon.simulators.razorpay_objects import Thing, payment_signature, refused, webhook_signature
from karvon.simulators.razorpay_objects import checkout_link as checkout_link
from karvon.simulators.webhooks import Event, WebhookProvider
from karvon.simulators.world import Call


@dataclass
class Books:
    """By id, oldest first."""

    orders: dict[str, Thing] = field(default_factory=dict)
    payments: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    captures: dict[str, bool] = field(
        default_factory=dict
    )  # order → whether its payments are captured at once
    callbacks: dict[str, dict[str, str]] = field(default_factory=dict)  # order → URLs of its checkout
    replays: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # X-Refund-Idempotency → (first use, refund)


class Razorpay(WebhookProvider):
    """`base` + /v1/…; hosted checkout at /v1/checkout/embedded (key_id, order_id, callback_url, cancel_url)."""

    name = "razorpay"
    title = "Razorpay"
    BEHAVIOURS: ClassVar[dict[str, str]] = WebhookProvider.BEHAVIOURS | {
        "authorize": "Pay, but leave capturing to the shop",
        "refund": "Refund in the dashboard",
    }

    def __init__(self, world: Any, credentials: Credentials | None = None, account: str = "") -> None:
        super().__init__(world, credentials, account)
        self.books = Books()

    def authorise(self, request: Request) -> None:
        user, password = request.basic() or ("", "")
        ours = f"{self.credentials.razorpay_key_id}:{self.credentials.razorpay_key_secret}"
        if not hmac.compare_digest(f"{user}:{password}".encode(), ours.encode()):
            raise refused("Authentication failed", status=401)

    def failure(self) -> Response:
        text = "We are facing some trouble completing your request at the moment. Please try again shortly."
        return refused(text, status=500, code="SERVER_ERROR").response

    def not_found(self, request: Request) -> Response:
        return refused("The requested URL was not found on the server.").response

    # --- orders ---
    @route("POST", "/v1/orders")
    def create_order(self, request: Request) -> Response:
        asked = objects.asked_of(request)
        amount, currency = objects.amount_of(asked), str(asked.get("currency", ""))
        if not re.fullmatch(r"[A-Z]{3}", currency):
            raise refused("Currency is not supported", field="currency")
        if currency == "INR" and amount < objects.LEAST_INR:
            raise refused("Order amount less than minimum amount allowed", field="amount")
        receipt = asked.get("receipt")
        if receipt is not None and (not isinstance(receipt, str) or len(receipt) > 40):
            raise refused("The receipt may not be greater than 40 characters.", field="receipt")
        if asked.get("unique_receipt") and receipt:
            for each in self.books.orders.values():
                if each["receipt"] == receipt:
                    return Response.of(each)
        order = {
            "id": new_id("order_", length=14), "entity": "order", "amount": amount, "amount_paid": 0, "amount_due": amount,
            "currency": currency, "receipt": receipt, "offer_id": None, "status": "created", "attempts": 0,
            "notes": objects.notes_of(asked), "created_at": self.now(),
        }  # fmt: skip
        self.books.orders[order["id"]] = order
        automatic = self.world.modes[self.name].capture == "automatic"
        self.books.captures[order["id"]] = bool(asked.get("payment_capture", automatic))
        return Response.of(order)

    @route("GET", "/v1/orders")
    def list_orders(self, request: Request) -> Response:
        return objects.collection_of(
            self.books.orders, request, lambda each: objects.fits(each, request, "receipt")
        )

    @route("GET", "/v1/orders/{order}")
    def get_order(self, request: Request, order: str) -> Response:
        return Response.of(self._find("orders", order))

    @route("PATCH", "/v1/orders/{order}")
    def change_order(self, request: Request, order: str) -> Response:
        found = self._find("orders", order)
        found["notes"] = objects.notes_of(objects.asked_of(request))
        return Response.of(found)

    @route("GET", "/v1/orders/{order}/payments")
    def payments_of_order(self, request: Request, order: str) -> Response:
        self._find("orders", order)
        return objects.collection_of(self.books.payments, request, lambda each: each["order_id"] == order)

    # --- payments ---
    @route("GET", "/v1/payments")
    def list_payments(self, request: Request) -> Response:
        return objects.collection_of(self.books.payments, request)

    @route("GET", "/v1/payments/{payment}")
    def get_payment(self, request: Request, payment: str) -> Response:
        return Response.of(self._find("payments", payment))

    @route("POST", "/v1/payments/{payment}/capture")
    def capture(self, request: Request, payment: str) -> Response:
        found, asked = self._find("payments", payment), objects.asked_of(request)
        if found["captured"]:
            raise refused("This payment has already been captured")
        if found["status"] != "authorized":
            raise refused("Only payments which have been authorized and not yet captured can be captured")
        if objects.amount_of(asked) != found["amount"] or asked.get("currency", "INR") != found["currency"]:
            raise refused("Capture amount must be equal to the amount authorized", field="amount")
        self.queue(self._capture(found))
        return Response.of(found)

    # --- refunds ---
    @route("POST", "/v1/payments/{payment}/refund")
    def refund(self, request: Request, payment: str) -> Response:
        """With X-Refund-Idempotency a repetition gets the first refund again."""
        found, asked = self._find("payments", payment), objects.asked_of(request)
        key, use = (
            request.headers.get("x-refund-idempotency"),
            f"{payment} {json.dumps(asked, sort_keys=True)}",
        )
        if key is not None:
            if not objects.IDEMPOTENCY.fullmatch(key):
                raise refused(
                    "The idempotency key must have at least 10 letters, digits, hyphens or underscores"
                )
            if key in self.books.replays:
                first, refund = self.books.replays[key]
                if first != use:
                    raise refused("Different request body sent for the same idempotency key")
                return Response.of(self.books.refunds[refund])
        refund = self._refund(found, self._refundable(found, asked), asked)
        if key is not None:
            self.books.replays[key] = (use, refund["id"])
        return Response.of(refund)

    @route("GET", "/v1/payments/{payment}/refunds")
    def refunds_of_payment(self, request: Request, payment: str) -> Response:
        self._find("payments", payment)
        return objects.collection_of(self.books.refunds, request, lambda each: each["payment_id"] == payment)

    @route("GET", "/v1/payments/{payment}/refunds/{refund}")
    def refund_of_payment(self, request: Request, payment: str, refund: str) -> Response:
        return Response.of(self._find("refunds", refund))

    @route("GET", "/v1/refunds")
    def list_refunds(self, request: Request) -> Response:
        return objects.collection_of(self.books.refunds, request)

    @route("GET", "/v1/refunds/{refund}")
    def get_refund(self, request: Request, refund: str) -> Response:
        return Response.of(self._find("refunds", refund))

    @route("GET", "/v1/settlements/recon/combined")
    def day(self, request: Request) -> Response:
        """The report of a day (or month) by year, month, day: payments as credit, refunds as debit."""
        wanted = [
            int(request.query[name])
            for name in ("year", "month", "day")
            if request.query.get(name, "").isdigit()
        ]
        rows = [objects.settled(each) for each in self.books.payments.values() if each["captured"]]
        rows += [
            objects.settled(each) for each in self.books.refunds.values() if each["status"] == "processed"
        ]
        rows = [row for row in rows if objects.date_of(row["created_at"])[: len(wanted)] == wanted]
        return Response.of({"entity": "collection", "count": len(rows), "items": rows})

    # --- checkout ---
    @route("GET", "/v1/checkout.js", page=True)
    def script(self, request: Request) -> Response:
        return Response(200, (objects.CHECKOUT_SCRIPT % json.dumps(self.base)).encode(), "text/javascript")

    @route("GET", "/v1/checkout/embedded", page=True)
    @route("POST", "/v1/checkout/embedded", page=True)
    def page(self, request: Request) -> Response:
        reference = self._opened(dict(request.query) | dict(request.form()))
        return pay_page(self, reference, request)

    def open(self, link: str) -> str:
        return self._opened(dict(Request("GET", "/", body=link.partition("?")[2].encode()).form()))

    def _opened(self, asked: Mapping[str, str]) -> str:
        reference = asked.get("order_id", "")
        if asked.get("key_id") != self.credentials.razorpay_key_id or reference not in self.books.orders:
            raise LookupError(f"no order {reference!r} of this key")
        self.books.callbacks[reference] = {
            name: asked.get(name, "") for name in ("callback_url", "cancel_url")
        }
        return reference

    def bill(self, reference: str) -> Bill:
        order = self.books.orders[reference]
        urls = self.books.callbacks.get(reference, {})
        return Bill(
            reference, objects.shop_order(order), order["amount"], order["currency"],
            status="paid" if order["status"] == "paid" else "open", cancel=urls.get("cancel_url", ""),
        )  # fmt: skip

    def back_to_shop(self, reference: str, *, is_paid: bool) -> Response | None:
        """As in redirect mode: the browser posts the signed ids to the shop's callback_url."""
        url = self.books.callbacks.get(reference, {}).get("callback_url")
        if not url or not is_paid:
            return None
        return form_page(url, self.checkout_answer(reference))

    def checkout_answer(self, reference: str) -> dict[str, str]:
        """What Checkout hands to the shop's page after the last payment of an order."""
        payment = next(
            each["id"] for each in reversed(self.books.payments.values()) if each["order_id"] == reference
        )
        signature = payment_signature(self.credentials.razorpay_key_secret, reference, payment)
        return {
            "razorpay_payment_id": payment,
            "razorpay_order_id": reference,
            "razorpay_signature": signature,
        }

    # --- how money moves ---
    def take_money(self, reference: str) -> list[Event]:
        return self._pay_order(reference, is_captured=self.books.captures[reference])

    def _pay_order(self, reference: str, *, is_captured: bool) -> list[Event]:
        order = self.books.orders[reference]
        order["attempts"] += 1
        payment = self._payment(order, "authorized", objects.NO_ERROR)
        if order["status"] == "created":
            order["status"] = "attempted"
        events = [self._event("payment.authorized", payment=payment)]
        return [*events, *self._capture(payment)] if is_captured else events

    def refuse_money(self, reference: str) -> list[Event]:
        order = self.books.orders[reference]
        if order["status"] == "paid":
            raise CannotAct("the order is paid")
        order |= {"attempts": order["attempts"] + 1, "status": "attempted"}
        return [self._event("payment.failed", payment=self._payment(order, "failed", objects.DECLINE))]

    def copy_of(self, reference: str) -> str:
        """An order takes any number of payments here."""
        return reference

    def do_authorize(self, act: Act) -> None:
        with self.world.lock:
            events = self._pay_order(act.reference, is_captured=False)
            act.back = self.back_to_shop(act.reference, is_paid=True)
        act.note = "authorized; the shop has to capture"
        self.announce(events, act)

    def do_refund(self, act: Act) -> None:
        with self.world.lock:
            paid = [
                each
                for each in self.books.payments.values()
                if each["order_id"] == act.reference and each["captured"]
            ]
            if not paid:
                raise CannotAct("nothing was captured")
            self._refund(paid[-1], self._refundable(paid[-1], {}), {})

    def _payment(self, order: Thing, status: str, error: Mapping[str, Any]) -> Thing:
        payment = {
            "id": new_id("pay_", length=14), "entity": "payment", "amount": order["amount"], "currency": order["currency"],
            "status": status, "order_id": order["id"], "invoice_id": None, "international": order["currency"] != "INR",
            "method": "upi", "amount_refunded": 0, "refund_status": None, "captured": False, "description": None,
            "email": "buyer@karvon.example", "contact": "+919000090000", "notes": dict(order["notes"]), "fee": None,
            "tax": None, "created_at": self.now(), **error,
        }  # fmt: skip
        self.books.payments[payment["id"]] = payment
        return payment

    def _capture(self, payment: Thing) -> list[Event]:
        order = self.books.orders[payment["order_id"]]
        payment |= {"status": "captured", "captured": True, "fee": 0, "tax": 0}
        order["amount_paid"] += payment["amount"]
        order |= {"amount_due": max(0, order["amount"] - order["amount_paid"]), "status": "paid"}
        self.world.ledger.take(
            self.name,
            payment["id"],
            order=objects.shop_order(order),
            amount=payment["amount"],
            currency=payment["currency"],
        )
        return [
            self._event("payment.captured", payment=payment),
            self._event("order.paid", payment=payment, order=order),
        ]

    def _refundable(self, payment: Thing, asked: Thing) -> int:
        if not payment["captured"]:
            raise refused("The payment status should be captured for action to be taken")
        rest = payment["amount"] - payment["amount_refunded"]
        if rest == 0:
            raise refused("The payment has been fully refunded already")
        amount = objects.amount_of(asked) if "amount" in asked else rest
        if amount > rest:
            raise refused("The total refund amount is greater than the refund payment amount", field="amount")
        if asked.get("speed", "normal") not in ("normal", "optimum"):
            raise refused("The speed is invalid", field="speed")
        return int(amount)

    def _refund(self, payment: Thing, amount: int, asked: Thing) -> Thing:
        wanted = self.world.modes[self.name].refunds
        refund = {
            "id": new_id("rfnd_", length=14), "entity": "refund", "amount": amount, "currency": payment["currency"],
            "payment_id": payment["id"], "notes": objects.notes_of(asked), "receipt": asked.get("receipt"), "created_at": self.now(),
            "status": "pending", "speed_requested": asked.get("speed", "normal"), "speed_processed": "normal",
        }  # fmt: skip
        self.books.refunds[refund["id"]] = refund
        payment["amount_refunded"] += amount
        is_full = payment["amount_refunded"] == payment["amount"]
        payment |= {
            "refund_status": "full" if is_full else "partial",
            "status": "refunded" if is_full else "captured",
        }
        created = self._event("refund.created", payment=payment, refund=refund)
        if wanted == "ok":
            self.queue([created, *self._settle(refund, payment)])
            return refund
        self.queue([created])

        def finish() -> bool:
            with self.world.lock:
                events = self._settle(refund, payment, failed=wanted == "fail")
            self.announce(events)
            return True

        self.world.later(self.name, "end of the refund", finish, None)
        return refund

    def _settle(self, refund: Thing, payment: Thing, *, failed: bool = False) -> list[Event]:
        refund["status"] = "failed" if failed else "processed"
        if failed:
            payment["amount_refunded"] -= refund["amount"]
            payment |= {
                "refund_status": "partial" if payment["amount_refunded"] else None,
                "status": "captured",
            }
        else:
            self.world.ledger.give_back(self.name, payment["id"], refund["amount"], "refund")
        return [self._event(f"refund.{refund['status']}", payment=payment, refund=refund)]

    # --- events ---
    def _event(self, kind: str, **things: Thing) -> Event:
        payload = {name: {"entity": copy.deepcopy(thing)} for name, thing in things.items()}
        body = {
            "entity": "event", "account_id": "acc_KarvonDemo0000", "event": kind, "contains": list(payload),
            "payload": payload, "created_at": self.now(),
        }  # fmt: skip
        return {"event": kind, "event_id": new_id(length=14), "body": json.dumps(body)}

    def signed(self, event: Event, *, forged: bool = False) -> Call:
        body = event["body"].encode()
        secret = "somebody else's" if forged else self.credentials.razorpay_webhook_secret
        headers = {
            "Content-Type": "application/json", "X-Razorpay-Signature": webhook_signature(secret, body),
            "x-razorpay-event-id": event["event_id"],
        }  # fmt: skip
        return Call(self.name, event["event"], "POST", self.callback(), headers, body)

    def _find(self, book: str, reference: str) -> Thing:
        found = getattr(self.books, book).get(reference)
        if found is None:
            raise refused("The id provided does not exist")
        return found  # type: ignore[no-any-return]
