"""Stripe: Checkout Sessions, refunds, balance and events, as its official SDK asks for them.

Source: stripe-python 16.1.0 (API version 2026-10-28.endive) and docs.stripe.com/checkout/fulfillment.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from karvon.simulators import stripe_objects as objects
from karvon.simulators.core import Act, Bill, CannotAct, Request, Response, new_id, route
from karvon.simulators.credentials import Credentials
from karvon.simulators.pages import pay_page
from karvon.simulators.stripe_objects import Books, Thing, refused
from karvon.simulators.webhooks import Event, WebhookProvider
from karvon.simulators.world import Call


def signature(secret: str, body: bytes, at: int) -> str:
    """`v1` of Stripe-Signature: HMAC-SHA256 over `<t>.<raw body>`, keyed with the whole secret, prefix included."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


class Stripe(WebhookProvider):
    """`base` + /v1/…; the pay page is the session's `url`."""

    name = "stripe"
    title = "Stripe"
    BEHAVIOURS: ClassVar[dict[str, str]] = WebhookProvider.BEHAVIOURS | {
        "async-pay": "Pay by a slow method: completed now, paid later",
        "async-decline": "Pay by a slow method that fails later",
        "expire": "Let the session expire",
        "refund": "Refund in the dashboard",
    }

    def __init__(self, world: Any, credentials: Credentials | None = None, account: str = "") -> None:
        super().__init__(world, credentials, account)
        self.books = Books()

    # --- keys, failures, idempotency ---
    def authorise(self, request: Request) -> None:
        user, _ = request.basic() or (request.bearer() or "", "")
        if not hmac.compare_digest(user, self.credentials.stripe_secret_key):
            raise refused(401, "invalid_request_error", f"Invalid API Key provided: {user[:7]}***")

    def failure(self) -> Response:
        return refused(500, "api_error", "An unknown error occurred").response

    def not_found(self, request: Request) -> Response:
        text = f"Unrecognized request URL ({request.method}: {request.path})."
        return refused(404, "invalid_request_error", text).response

    def _call(self, handler: Callable[[Request], Response], request: Request) -> Response:
        """A POST with an Idempotency-Key is done once: the key with other parameters is an error, the same ones get the
        first answer again. What was refused for its parameters was never begun and is not kept."""
        key = request.headers.get("idempotency-key", "")
        if request.method != "POST" or not key:
            return super()._call(handler, request)
        self.authorise(request)
        if len(key) > 255:
            raise refused(400, "invalid_request_error", "Idempotency keys are at most 255 characters long")
        use = f"{request.path}?{sorted(request.form())}"
        if key in self.books.replays:
            first, response = self.books.replays[key]
            if first != use:
                text = "Keys for idempotent requests can only be used with the same parameters they were first used with."
                raise refused(400, "idempotency_error", text)
            return Response(
                response.status, response.body, response.content_type, {"Idempotent-Replayed": "true"}
            )
        response = super()._call(handler, request)
        self.books.replays[key] = (use, response)
        return response

    # --- sessions ---
    @route("POST", "/v1/checkout/sessions")
    def create_session(self, request: Request) -> Response:
        asked = objects.unflatten(request.form())
        session, lines = objects.new_session(asked, now=self.now(), base=self.base)
        self.books.sessions[session["id"]] = session
        self.books.lines[session["id"]] = lines
        self.books.intent_data[session["id"]] = asked.get("payment_intent_data") or {}
        return self._shown(session, request)

    @route("GET", "/v1/checkout/sessions")
    def list_sessions(self, request: Request) -> Response:
        for session in self.books.sessions.values():
            self._age(session)
        return self._list(request, self.books.sessions, ("payment_intent", "status"))

    @route("GET", "/v1/checkout/sessions/{session}")
    def get_session(self, request: Request, session: str) -> Response:
        return self._shown(self._age(self._find("sessions", session, "checkout.session")), request)

    @route("GET", "/v1/checkout/sessions/{session}/line_items")
    def get_lines(self, request: Request, session: str) -> Response:
        self._find("sessions", session, "checkout.session")
        return Response.of(objects.listing(self.books.lines[session], request.path))

    @route("POST", "/v1/checkout/sessions/{session}/expire")
    def expire_session(self, request: Request, session: str) -> Response:
        found = self._age(self._find("sessions", session, "checkout.session"))
        if found["status"] != "open":
            text = f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of {found["status"]}.'
            raise refused(400, "invalid_request_error", text, param="session")
        self.queue([self._expire(found)])
        return self._shown(found, request)

    # --- payment intents, charges, refunds ---
    @route("GET", "/v1/payment_intents")
    def list_intents(self, request: Request) -> Response:
        return self._list(request, self.books.intents, ("customer",))

    @route("GET", "/v1/payment_intents/{intent}")
    def get_intent(self, request: Request, intent: str) -> Response:
        return self._shown(self._find("intents", intent, "payment_intent"), request)

    @route("GET", "/v1/charges")
    def list_charges(self, request: Request) -> Response:
        return self._list(request, self.books.charges, ("payment_intent",))

    @route("GET", "/v1/charges/{charge}")
    def get_charge(self, request: Request, charge: str) -> Response:
        return self._shown(self._find("charges", charge, "charge"), request)

    @route("POST", "/v1/refunds")
    def create_refund(self, request: Request) -> Response:
        asked = objects.unflatten(request.form())
        charge = self._charge_of(asked)
        amount = objects.refund_amount(asked, charge)
        return self._shown(self._refund(charge, amount, asked), request)

    @route("GET", "/v1/refunds")
    def list_refunds(self, request: Request) -> Response:
        return self._list(request, self.books.refunds, ("payment_intent", "charge"))

    @route("GET", "/v1/refunds/{refund}")
    def get_refund(self, request: Request, refund: str) -> Response:
        return self._shown(self._find("refunds", refund, "refund"), request)

    # --- what "test connection", reconciliation and curious people ask for ---
    @route("GET", "/v1/account")
    def get_account(self, request: Request) -> Response:
        return Response.of(objects.ACCOUNT)

    @route("GET", "/v1/balance")
    def get_balance(self, request: Request) -> Response:
        sums: dict[str, int] = {}
        for each in self._movements():
            sums[each["currency"]] = sums.get(each["currency"], 0) + each["amount"]
        available = [{"amount": amount, "currency": currency} for currency, amount in sums.items()]
        return Response.of({"object": "balance", "available": available, "livemode": False, "pending": []})

    @route("GET", "/v1/balance_transactions")
    def list_movements(self, request: Request) -> Response:
        return self._list(request, {each["id"]: each for each in self._movements()}, ("type", "source"))

    @route("GET", "/v1/events")
    def list_events(self, request: Request) -> Response:
        return self._list(request, self.books.events, ("type",))

    @route("GET", "/v1/events/{event}")
    def get_event(self, request: Request, event: str) -> Response:
        return self._shown(self._find("events", event, "event"), request)

    # --- the pay page ---
    @route("GET", "/c/pay/{session}", page=True)
    def page(self, request: Request, session: str) -> Response:
        return pay_page(self, session, request)

    def open(self, link: str) -> str:
        reference = urlsplit(link).path.rpartition("/")[2]
        if reference not in self.books.sessions:
            raise LookupError(f"no session at {link}")
        return reference

    def bill(self, reference: str) -> Bill:
        session = self._age(self.books.sessions[reference])
        return Bill(
            reference, session["client_reference_id"] or "", session["amount_total"], session["currency"].upper(),
            exponent=objects.exponent(session["currency"]), status=session["status"],
            cancel=session["cancel_url"] or "", back=self._return_url(session) if session["status"] != "open" else "",
        )  # fmt: skip

    def back_to_shop(self, reference: str, *, is_paid: bool) -> Response | None:
        return Response.redirect(self._return_url(self.books.sessions[reference]))

    def _return_url(self, session: Thing) -> str:
        return str(session["success_url"] or "").replace("{CHECKOUT_SESSION_ID}", session["id"])

    # --- how money moves ---
    def take_money(self, reference: str) -> list[Event]:
        session = self._payable(reference)
        charge = self._charge(session, is_paid=True)
        session |= {"status": "complete", "payment_status": "paid"}
        intent = self.books.intents[charge["payment_intent"]]
        self.world.ledger.take(
            self.name, intent["id"], order=session["client_reference_id"] or "", amount=charge["amount"],
            currency=charge["currency"],
        )  # fmt: skip
        return [
            self._event("payment_intent.succeeded", intent),
            self._event("charge.succeeded", charge),
            self._event("checkout.session.completed", session),
        ]

    def refuse_money(self, reference: str) -> list[Event]:
        charge = self._charge(self._payable(reference), is_paid=False)
        intent = self.books.intents[charge["payment_intent"]]
        return [self._event("charge.failed", charge), self._event("payment_intent.payment_failed", intent)]

    def copy_of(self, reference: str) -> str:
        """Another open session of the same order where there is one, else its twin."""
        session = self._payable(reference)
        for each in self.books.sessions.values():
            same = (
                each["client_reference_id"] and each["client_reference_id"] == session["client_reference_id"]
            )
            if same and each["id"] != reference and self._age(each)["status"] == "open":
                return str(each["id"])
        twin = copy.deepcopy(session) | {"id": new_id("cs_test_", length=58)}
        twin["url"] = f"{self.base}/c/pay/{twin['id']}"
        self.books.sessions[twin["id"]] = twin
        self.books.lines[twin["id"]] = self.books.lines[reference]
        self.books.intent_data[twin["id"]] = self.books.intent_data[reference]
        return str(twin["id"])

    def do_async_pay(self, act: Act) -> None:
        self._pay_slowly(act, is_paid=True)

    def do_async_decline(self, act: Act) -> None:
        self._pay_slowly(act, is_paid=False)

    def _pay_slowly(self, act: Act, *, is_paid: bool) -> None:
        """A delayed method: the session is completed unpaid; the end is announced later."""
        with self.world.lock:
            session = self._payable(act.reference)
            session["status"] = "complete"
            completed = self._event("checkout.session.completed", session)
            act.back = self.back_to_shop(act.reference, is_paid=True)
        self.announce([completed], act)

        def finish() -> bool:
            with self.world.lock:
                session["status"] = "open"
                if is_paid:
                    self.take_money(act.reference)
                session["status"] = "complete"
                word = "succeeded" if is_paid else "failed"
                event = self._event(f"checkout.session.async_payment_{word}", session)
            self.announce([event])
            return True

        self.world.later(self.name, "end of the slow payment", finish, act.delay)

    def do_expire(self, act: Act) -> None:
        with self.world.lock:
            event = self._expire(self._payable(act.reference))
        self.announce([event], act)

    def do_refund(self, act: Act) -> None:
        with self.world.lock:
            intent = self.books.sessions[act.reference]["payment_intent"]
            if not intent:
                raise CannotAct("nothing was paid")
            charge = self.books.charges[self.books.intents[intent]["latest_charge"]]
            self._refund(charge, charge["amount"] - charge["amount_refunded"], {})

    def _payable(self, reference: str) -> Thing:
        session = self._age(self.books.sessions[reference])
        if session["status"] != "open":
            raise CannotAct(f"the session is {session['status']}")
        return session

    def _age(self, session: Thing) -> Thing:
        """A session that nobody paid in time expires."""
        if session["status"] == "open" and session["expires_at"] <= self.now():
            self.queue([self._expire(session)])
        return session

    def _expire(self, session: Thing) -> Event:
        session["status"] = "expired"
        return self._event("checkout.session.expired", session)

    def _charge(self, session: Thing, *, is_paid: bool) -> Thing:
        data = self.books.intent_data[session["id"]]
        intent = self.books.intents.get(session["payment_intent"] or "") or objects.new_intent(
            session, data, self.now()
        )
        charge = objects.new_charge(intent, is_paid=is_paid, now=self.now())
        intent |= {
            "latest_charge": charge["id"],
            "status": "succeeded" if is_paid else "requires_payment_method",
        }
        intent["amount_received"] = intent["amount"] if is_paid else 0
        intent["last_payment_error"] = None if is_paid else objects.DECLINE
        session["payment_intent"] = intent["id"]
        self.books.intents[intent["id"]], self.books.charges[charge["id"]] = intent, charge
        return charge

    def _charge_of(self, asked: dict[str, Any]) -> Thing:
        intent, charge = asked.get("payment_intent"), asked.get("charge")
        if not intent and not charge:
            raise refused(
                400,
                "invalid_request_error",
                "One of the following params should be provided: payment_intent or charge.",
            )
        if intent:
            found = self.books.intents.get(intent)
            if found is None:
                text = f"No such payment_intent: '{intent}'"
                raise refused(
                    400, "invalid_request_error", text, code="resource_missing", param="payment_intent"
                )
            charge = found["latest_charge"]
        if charge not in self.books.charges:
            text = f"No such charge: '{charge}'"
            raise refused(400, "invalid_request_error", text, code="resource_missing", param="charge")
        return self.books.charges[charge]

    def _refund(self, charge: Thing, amount: int, asked: dict[str, Any]) -> Thing:
        wanted = self.world.modes[self.name].refunds
        refund = objects.new_refund(charge, amount, asked, self.now())
        self.books.refunds[refund["id"]] = refund
        created = self._event("refund.created", refund)
        if wanted == "ok":
            self.queue([created, *self._settle(refund, charge)])
            return refund
        self.queue([created])

        def finish() -> bool:
            with self.world.lock:
                events = self._settle(refund, charge, failed=wanted == "fail")
            self.announce(events)
            return True

        self.world.later(self.name, "end of the refund", finish, None)
        return refund

    def _settle(self, refund: Thing, charge: Thing, *, failed: bool = False) -> list[Event]:
        if failed:
            refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
            return [self._event("refund.failed", refund)]
        refund["status"] = "succeeded"
        charge["amount_refunded"] += refund["amount"]
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.world.ledger.give_back(self.name, charge["payment_intent"], refund["amount"], "refund")
        return [self._event("charge.refunded", charge), self._event("refund.updated", refund)]

    def _movements(self) -> list[Thing]:
        """Balance transactions: what was charged, and refunds below zero."""
        rows = [objects.movement(each) for each in self.books.charges.values() if each["paid"]]
        rows += [
            objects.movement(each) for each in self.books.refunds.values() if each["status"] == "succeeded"
        ]
        return sorted(rows, key=lambda each: each["created"])

    # --- events ---
    def _event(self, kind: str, thing: Thing) -> Event:
        event = objects.new_event(kind, copy.deepcopy(thing), self.now())
        self.books.events[event["id"]] = event
        return event

    def signed(self, event: Event, *, forged: bool = False) -> Call:
        body, at = json.dumps(event, indent=2).encode(), self.now()
        secret = "whsec_of_somebody_else" if forged else self.credentials.stripe_webhook_secret
        # v0 is a scheme of the test mode, which shops ignore
        header = (
            f"t={at},v1={signature(secret, body, at)},v0={new_id(length=64, alphabet='0123456789abcdef')}"
        )
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header}
        return Call(self.name, event["type"], "POST", self.callback(), headers, body)

    # --- shaping ---
    def _find(self, book: str, reference: str, kind: str) -> Thing:
        found = getattr(self.books, book).get(reference)
        if found is None:
            text = f"No such {kind}: '{reference}'"
            raise refused(404, "invalid_request_error", text, code="resource_missing", param="id")
        return found  # type: ignore[no-any-return]

    def _list(self, request: Request, things: dict[str, Thing], filters: tuple[str, ...]) -> Response:
        found = objects.page_of(list(things.values()), request.query, filters)
        found["data"] = [
            objects.expanded(each, objects.expansions(request), self.books) for each in found["data"]
        ]
        return Response.of(found | {"url": request.path})

    def _shown(self, thing: Thing, request: Request) -> Response:
        return Response.of(
            objects.expanded(thing, objects.expansions(request), self.books),
            Request_Id=new_id("req_", length=14),
        )
