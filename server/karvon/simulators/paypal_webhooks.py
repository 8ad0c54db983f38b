"""PayPal's webhooks: events, how they are signed, and the postback that verifies them."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from karvon.simulators import paypal_objects as objects
from karvon.simulators.core import ALPHANUMERIC, Request, Response, new_id, route
from karvon.simulators.paypal_keys import KEYS, SigningKey, message, verify
from karvon.simulators.paypal_objects import Thing, refused
from karvon.simulators.webhooks import Event, WebhookProvider
from karvon.simulators.world import Call

CERTIFICATE = "/v1/notifications/certs/CERT-karvon-demo"


@dataclass
class Books:
    """By id, oldest first."""

    orders: dict[str, Thing] = field(default_factory=dict)
    contexts: dict[str, dict[str, str]] = field(default_factory=dict)  # order → return_url, cancel_url, …
    fates: dict[str, str] = field(
        default_factory=dict
    )  # order → what its capture comes to: decline, pending, lost, shuffled
    captures: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    replays: dict[str, tuple[str, Response]] = field(
        default_factory=dict
    )  # PayPal-Request-Id → (first use, answer)


class PayPalWebhooks(WebhookProvider):
    """What is below /v1/notifications, and the events themselves."""

    books: Books

    @property
    def key(self) -> SigningKey:
        return KEYS.ours()

    @route("GET", "/v1/notifications/webhooks/{webhook}")
    def webhook(self, request: Request, webhook: str) -> Response:
        if webhook != self.credentials.paypal_webhook_id:
            raise refused(404, "INVALID_RESOURCE_ID", "Resource id is invalid.")
        return Response.of({"id": webhook, "url": self.callback(), "event_types": [{"name": "*"}]})

    @route("POST", "/v1/notifications/verify-webhook-signature")
    def verify_signature(self, request: Request) -> Response:
        """Over the exact text of `webhook_event` as it was sent to us."""
        asked = asked_of(request)
        if missing := sorted(objects.VERIFY_FIELDS - set(asked)):
            raise refused(400, "VALIDATION_ERROR", f"Missing: {', '.join(missing)}")
        event = objects.raw_member(request.body.decode(), "webhook_event").encode()
        good = (
            asked["webhook_id"] == self.credentials.paypal_webhook_id and asked["auth_algo"] == "SHA256withRSA"
            and asked["cert_url"] == self.base + CERTIFICATE and json.loads(event).get("id") in self.books.events
            and verify(self.key, asked["transmission_sig"], message(
                asked["transmission_id"], asked["transmission_time"], asked["webhook_id"], event))
        )  # fmt: skip
        return Response.of({"verification_status": "SUCCESS" if good else "FAILURE"})

    @route("GET", CERTIFICATE, page=True)
    def certificate(self, request: Request) -> Response:
        return Response(200, self.key.certificate, "application/x-pem-file")

    @route("GET", "/v1/notifications/webhooks-events")
    def list_events(self, request: Request) -> Response:
        return Response.of(
            {"events": list(reversed(self.books.events.values())), "count": len(self.books.events)}
        )

    @route("POST", "/v1/notifications/webhooks-events/{event}/resend")
    def resend(self, request: Request, event: str) -> Response:
        found = self._find("events", event)
        self.queue([found])
        return Response.of(found, 202)

    def signed(self, event: Event, *, forged: bool = False) -> Call:
        """Forged: by somebody with a key of their own."""
        body, at = json.dumps(event).encode(), objects.rfc3339(self.now())
        transmission = new_id(length=36, alphabet="0123456789abcdef")
        key = KEYS.other() if forged else self.key
        signature = key.sign(message(transmission, at, self.credentials.paypal_webhook_id, body))
        headers = {
            "Content-Type": "application/json", "PAYPAL-TRANSMISSION-ID": transmission, "PAYPAL-TRANSMISSION-TIME": at,
            "PAYPAL-TRANSMISSION-SIG": signature, "PAYPAL-CERT-URL": self.base + CERTIFICATE,
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        }  # fmt: skip
        return Call(self.name, event["event_type"], "POST", self.callback(), headers, body)

    def _event(self, kind: str, resource_type: str, resource: Thing) -> Event:
        event: Event = {
            "id": "WH-" + new_id(length=17, alphabet=ALPHANUMERIC.upper()), "event_version": "1.0",
            "create_time": objects.rfc3339(self.now()), "resource_type": resource_type, "resource_version": "2.0",
            "event_type": kind, "summary": kind.replace(".", " ").lower(), "resource": copy.deepcopy(resource), "links": [],
        }  # fmt: skip
        self.books.events[event["id"]] = event
        return event

    def _find(self, book: str, reference: str) -> Thing:
        found = getattr(self.books, book).get(reference)
        if found is None:
            raise refused(
                404,
                "RESOURCE_NOT_FOUND",
                "The specified resource does not exist.",
                issue="INVALID_RESOURCE_ID",
            )
        return found  # type: ignore[no-any-return]


def asked_of(request: Request, kind: type = dict) -> Any:
    try:
        asked = request.json() if request.body else kind()
    except ValueError:
        asked = None
    if not isinstance(asked, kind):
        raise refused(
            400, "INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."
        )
    return asked
