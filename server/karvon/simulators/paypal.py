"""PayPal: OAuth tokens, Orders v2, refunds of captures, transaction search, and webhooks signed with an RSA key of our own.

Source: the official OpenAPI files (Orders 2.13, Payments 2.5, Webhooks 1.11); offline verification as in paypalrestsdk 1.13.3.
"""

from __future__ import annotations

import copy
import hmac
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from karvon.simulators import paypal_objects as objects
from karvon.simulators.core import Act, Bill, CannotAct, Refusal, Request, Response, new_id, route
from karvon.simulators.credentials import Credentials
from karvon.simulators.pages import pay_page
from karvon.simulators.paypal_objects import Thing, refused, unprocessable
from karvon.simulators.paypal_webhooks import Books, PayPalWebhooks, asked_of
from karvon.simulators.webhooks import Event, WebhookProvider

TOKEN_SECONDS = 32_400
PAYER = "KARVONPAYER12"


class PayPal(PayPalWebhooks):
    """`base` + /v1/… and /v2/…; the payer approves at /checkoutnow?token=<order id>, money is taken at the shop's capture."""

    name = "paypal"
    title = "PayPal"
    BEHAVIOURS: ClassVar[dict[str, str]] = WebhookProvider.BEHAVIOURS | {
        "pending": "Pay, but the capture waits for review",
        "pending-denied": "Pay, but the capture is denied after review",
        "cancel": "Cancel and go back",
        "refund": "Refund in the account",
    }

    def __init__(self, world: Any, credentials: Credentials | None = None, account: str = "") -> None:
        super().__init__(world, credentials, account)
        self.books = Books()
        self.tokens: dict[str, int] = {}

    # --- keys, failures, idempotency ---
    @route("POST", "/v1/oauth2/token")
    def token(self, request: Request) -> Response:
        if dict(request.form()).get("grant_type") != "client_credentials":
            return Response.of(
                {"error": "unsupported_grant_type", "error_description": "Grant Type is NULL"}, 400
            )
        token = new_id("A21AA", length=60)
        self.tokens[token] = self.now() + TOKEN_SECONDS
        return Response.of({
            "scope": "https://uri.paypal.com/services/payments/payment", "access_token": token, "token_type": "Bearer",
            "app_id": "APP-KARVONDEMO", "expires_in": TOKEN_SECONDS, "nonce": new_id(),
        })  # fmt: skip

    def authorise(self, request: Request) -> None:
        if request.path == "/v1/oauth2/token":
            user, password = request.basic() or ("", "")
            ours = f"{self.credentials.paypal_client_id}:{self.credentials.paypal_client_secret}"
            if not hmac.compare_digest(f"{user}:{password}".encode(), ours.encode()):
                text = "Client Authentication failed"
                raise Refusal(Response.of({"error": "invalid_client", "error_description": text}, 401))
            return
        if self.tokens.get(request.bearer() or "", 0) <= self.now():
            raise refused(401, "AUTHENTICATION_FAILURE", "Authentication failed due to invalid credentials.")

    def failure(self) -> Response:
        return refused(500, "INTERNAL_SERVER_ERROR", "An internal server error has occurred.").response

    def not_found(self, request: Request) -> Response:
        return refused(404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.").response

    def _call(self, handler: Callable[[Request], Response], request: Request) -> Response:
        """A POST with a PayPal-Request-Id is done once; its repetition gets the same answer with 200."""
        key = request.headers.get("paypal-request-id", "")
        if request.method != "POST" or not key:
            return super()._call(handler, request)
        self.authorise(request)
        if len(key) > 108:
            raise refused(400, "INVALID_REQUEST", "PayPal-Request-Id is at most 108 characters long.")
        use = request.path
        if key in self.books.replays:
            first, response = self.books.replays[key]
            if first != use:
                raise unprocessable(
                    "DUPLICATE_REQUEST_ID", "The PayPal-Request-Id was used for another request."
                )
            return Response(200, response.body, response.content_type)
        response = super()._call(handler, request)
        self.books.replays[key] = (use, response)
        return response

    # --- orders ---
    @route("POST", "/v2/checkout/orders")
    def create_order(self, request: Request) -> Response:
        order, context = objects.new_order(asked_of(request), self.now(), self.base)
        self._refuse_same_invoice(order)
        self.books.orders[order["id"]], self.books.contexts[order["id"]] = order, context
        return self._shown(order, request, 201)

    def _refuse_same_invoice(self, order: Thing) -> None:
        """An invoice_id is paid once per account."""
        paid = {
            each["purchase_units"][0].get("invoice_id")
            for each in self.books.orders.values()
            if each["status"] == "COMPLETED"
        }
        invoice = order["purchase_units"][0].get("invoice_id")
        if invoice and invoice in paid:
            raise unprocessable("DUPLICATE_INVOICE_ID", "Duplicate Invoice ID detected.")

    @route("GET", "/v2/checkout/orders/{order}")
    def get_order(self, request: Request, order: str) -> Response:
        return Response.of(self._find("orders", order))

    @route("PATCH", "/v2/checkout/orders/{order}")
    def change_order(self, request: Request, order: str) -> Response:
        found = self._find("orders", order)
        if found["status"] == "COMPLETED":
            raise unprocessable(
                "ORDER_ALREADY_COMPLETED", "The order cannot be patched after it is completed."
            )
        objects.patch(found, asked_of(request, kind=list))
        return Response(204)

    @route("POST", "/v2/checkout/orders/{order}/capture")
    def capture(self, request: Request, order: str) -> Response:
        found = self._find("orders", order)
        objects.refuse_capture(found)
        fate = self.books.fates.get(order, "")
        if fate == "decline":
            found["status"] = "PAYER_ACTION_REQUIRED"
            self.books.fates.pop(order)
            links = [{"href": f"{self.base}/checkoutnow?token={order}", "rel": "redirect", "method": "GET"}]
            raise unprocessable(
                "INSTRUMENT_DECLINED", "The instrument presented was either declined.", links=links
            )
        self._refuse_same_invoice(found)
        self._tell(self._capture(found, is_pending=fate.startswith("pending")), fate)
        if fate.startswith("pending"):
            self.world.later(self.name, "end of the review", lambda: self._review(found, fate), None)
        return self._shown(found, request, 201)

    def _tell(self, events: list[Event], fate: str) -> None:
        """What a capture sets off comes after its answer, unless the buyer chose otherwise."""
        if fate == "lost":
            for event in events:
                self.world.journal.note(self.name, "lost", self.title_of(event), sent=event)
        elif fate == "shuffled":
            approved = [
                each for each in self.books.events.values() if each["event_type"] == "CHECKOUT.ORDER.APPROVED"
            ]
            self.queue([*events, *approved[-1:], *events, *events])
        elif fate == "late":
            self.queue(events, None)
        else:
            self.queue(events)

    # --- captures and refunds ---
    @route("GET", "/v2/payments/captures/{capture}")
    def get_capture(self, request: Request, capture: str) -> Response:
        return Response.of(self._find("captures", capture))

    @route("POST", "/v2/payments/captures/{capture}/refund")
    def refund(self, request: Request, capture: str) -> Response:
        found, asked = self._find("captures", capture), asked_of(request)
        return self._shown(self._refund(found, self._rest(asked, found), asked), request, 201)

    @route("GET", "/v2/payments/refunds/{refund}")
    def get_refund(self, request: Request, refund: str) -> Response:
        return Response.of(self._find("refunds", refund))

    @route("GET", "/v1/reporting/transactions")
    def transactions(self, request: Request) -> Response:
        """The report between start_date and end_date: captures (T0006) and, below zero, refunds (T1107)."""
        since, until = (request.query.get(name, "") for name in ("start_date", "end_date"))
        if not since or not until:
            raise refused(400, "INVALID_REQUEST", "start_date and end_date are needed.")
        found = [*self.books.captures.values(), *self.books.refunds.values()]
        rows = [
            objects.transaction(each)
            for each in found
            if objects.moment(since) <= objects.moment(each["create_time"]) <= objects.moment(until)
        ]
        return Response.of(
            {"transaction_details": rows, "total_items": len(rows), "total_pages": 1, "page": 1}
        )

    # --- the pay page ---
    @route("GET", "/checkoutnow", page=True)
    def page(self, request: Request) -> Response:
        return pay_page(self, request.query.get("token", ""), request)

    def open(self, link: str) -> str:
        reference = dict(parse_qsl(link.partition("?")[2])).get("token", "")
        if reference not in self.books.orders:
            raise LookupError(f"no order at {link}")
        return reference

    def bill(self, reference: str) -> Bill:
        order = self.books.orders[reference]
        unit, context = order["purchase_units"][0], self.books.contexts[reference]
        currency = unit["amount"]["currency_code"]
        status = "open" if order["status"] in objects.APPROVABLE else order["status"].lower()
        return Bill(
            reference, unit.get("custom_id") or unit.get("invoice_id") or "", objects.minor(unit["amount"]), currency,
            exponent=objects.exponent(currency), status=status, cancel=self._with_token(context.get("cancel_url", ""), reference),
            payee=context.get("brand_name", ""),
        )  # fmt: skip

    def back_to_shop(self, reference: str, *, is_paid: bool) -> Response | None:
        context = self.books.contexts[reference]
        url = context.get("return_url", "") if is_paid else context.get("cancel_url", "")
        return Response.redirect(self._with_token(url, reference, PayerID=PAYER)) if url else None

    def _with_token(self, url: str, reference: str, **more: str) -> str:
        return f"{url}{'&' if '?' in url else '?'}{urlencode({'token': reference, **more})}" if url else ""

    # --- how money moves ---
    def take_money(self, reference: str) -> list[Event]:
        """The payer approves; money is taken when the shop captures."""
        order = self.books.orders[reference]
        if order["status"] not in objects.APPROVABLE:
            raise CannotAct(f"the order is {order['status']}")
        order |= {"status": "APPROVED", "payer": {"payer_id": PAYER, "email_address": "buyer@karvon.example"}}
        self.books.fates.pop(reference, None)
        return [self._event("CHECKOUT.ORDER.APPROVED", "checkout-order", order)]

    def refuse_money(self, reference: str) -> list[Event]:
        """Approved with a card whose bank says no to the capture."""
        events = self.take_money(reference)
        self.books.fates[reference] = "decline"
        return events

    def copy_of(self, reference: str) -> str:
        """Another open order of the same `custom_id` where there is one, else its twin."""
        order = self.books.orders[reference]
        wanted = order["purchase_units"][0].get("custom_id")
        for each in self.books.orders.values():
            same = wanted and each["purchase_units"][0].get("custom_id") == wanted
            if same and each["id"] != reference and each["status"] in objects.APPROVABLE:
                return str(each["id"])
        twin = copy.deepcopy(order) | {"id": objects.order_id()}
        twin["links"] = objects.order_links(twin["id"], self.base)
        self.books.orders[twin["id"]], self.books.contexts[twin["id"]] = twin, self.books.contexts[reference]
        return str(twin["id"])

    def _with_fate(self, act: Act, fate: str) -> list[Event]:
        with self.world.lock:
            events = self._pay(act)
            self.books.fates[act.reference] = fate
        act.is_taken = False  # not before the shop captures
        return events

    def do_decline(self, act: Act) -> None:
        super().do_decline(act)
        act.back = self.back_to_shop(act.reference, is_paid=True)

    def do_pending(self, act: Act) -> None:
        self.announce(self._with_fate(act, "pending"), act)

    def do_pending_denied(self, act: Act) -> None:
        self.announce(self._with_fate(act, "pending-denied"), act)

    def do_callback_late(self, act: Act) -> None:
        self.queue(self._with_fate(act, "late"), act.delay)

    def do_callback_lost(self, act: Act) -> None:
        for event in self._with_fate(act, "lost"):
            self.world.journal.note(self.name, "lost", self.title_of(event), sent=event)

    def do_callback_shuffled(self, act: Act) -> None:
        events = self._with_fate(act, "shuffled")
        for event in [*events, *events, *events]:
            self.send(event, act)

    def do_cancel(self, act: Act) -> None:
        act.back, act.note = self.back_to_shop(act.reference, is_paid=False), "cancelled"

    def do_refund(self, act: Act) -> None:
        with self.world.lock:
            captures = (
                self.books.orders[act.reference]["purchase_units"][0].get("payments", {}).get("captures", [])
            )
            if not captures:
                raise CannotAct("nothing was captured")
            capture = self.books.captures[captures[0]["id"]]
            self._refund(capture, self._rest({}, capture), {})

    def _capture(self, order: Thing, *, is_pending: bool) -> list[Event]:
        unit = order["purchase_units"][0]
        capture = objects.new_capture(order, self.now(), self.base, is_pending=is_pending)
        order["status"] = "COMPLETED"
        unit["payments"] = {"captures": [capture]}
        self.books.captures[capture["id"]] = capture
        if not is_pending:
            self._take(capture)
        return [self._event(f"PAYMENT.CAPTURE.{capture['status']}", "capture", capture)]

    def _take(self, capture: Thing) -> None:
        amount = capture["amount"]
        order = capture.get("custom_id") or capture.get("invoice_id") or ""
        self.world.ledger.take(
            self.name,
            capture["id"],
            order=order,
            amount=objects.minor(amount),
            currency=amount["currency_code"],
        )

    def _review(self, order: Thing, fate: str) -> bool:
        with self.world.lock:
            capture = order["purchase_units"][0]["payments"]["captures"][0]
            capture.pop("status_details", None)
            capture["status"] = "DECLINED" if fate == "pending-denied" else "COMPLETED"
            if capture["status"] == "COMPLETED":
                self._take(capture)
            word = "DENIED" if fate == "pending-denied" else "COMPLETED"
            event = self._event(f"PAYMENT.CAPTURE.{word}", "capture", capture)
        self.announce([event])
        return True

    def _rest(self, asked: Thing, capture: Thing) -> int:
        return objects.refund_amount(
            asked, capture, objects.returned(capture, list(self.books.refunds.values()))
        )

    def _refund(self, capture: Thing, amount: int, asked: Thing) -> Thing:
        wanted = self.world.modes[self.name].refunds
        refund = objects.new_refund(capture, amount, asked, self.now(), self.base, status="PENDING")
        self.books.refunds[refund["id"]] = refund

        def finish() -> list[Event]:
            refund["status"] = "FAILED" if wanted == "fail" else "COMPLETED"
            if wanted == "fail":
                return []
            is_full = objects.returned(capture, list(self.books.refunds.values())) == objects.minor(
                capture["amount"]
            )
            capture["status"] = "REFUNDED" if is_full else "PARTIALLY_REFUNDED"
            self.world.ledger.give_back(self.name, capture["id"], amount, "refund")
            return [self._event("PAYMENT.CAPTURE.REFUNDED", "refund", refund)]

        if wanted == "ok":
            self.queue(finish())
            return refund

        def finish_later() -> bool:
            with self.world.lock:
                events = finish()
            self.announce(events)
            return True

        self.world.later(self.name, "end of the refund", finish_later, None)
        return refund

    def _shown(self, thing: Thing, request: Request, status: int) -> Response:
        """`Prefer: return=minimal` is the default: id, status, links (and, of a capture, what was captured)."""
        if request.headers.get("prefer") == "return=representation":
            return Response.of(thing, status)
        shown: Thing = {
            name: thing[name]
            for name in ("id", "status", "links", "payment_source", "payer")
            if name in thing
        }
        unit = thing.get("purchase_units", [{}])[0]
        if "payments" in unit:
            shown["purchase_units"] = [
                {name: unit[name] for name in ("reference_id", "payments") if name in unit}
            ]
        return Response.of(shown, status)
