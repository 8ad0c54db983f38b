"""What Stripe, Razorpay and PayPal have in common: the shop begins a payment by the API, and hears of it by signed events."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from karvon.simulators.core import Act, Provider, Response
from karvon.simulators.world import Call

Event = dict[str, Any]


class WebhookProvider(Provider):
    """A provider says how money is taken, how an event is signed and where it is sent; the behaviours follow."""

    BEHAVIOURS: ClassVar[dict[str, str]] = {
        "pay": "Pay",
        "decline": "Decline",
        "pay-twice": "Pay twice",
        "pay-late": "Pay late",
        "callback-late": "Pay, callback late",
        "callback-lost": "Pay, callback lost",
        "callback-shuffled": "Pay, callbacks three times and out of order",
        "wrong-signature": "Callback with a wrong signature",
    }
    books: Any  # a dataclass with everything that is remembered

    # --- to be said by each provider; called with the lock held ---
    def take_money(self, reference: str) -> list[Event]:
        """The buyer pays: the events of it. Raises CannotAct."""
        raise NotImplementedError

    def refuse_money(self, reference: str) -> list[Event]:
        """The buyer's bank says no."""
        raise NotImplementedError

    def copy_of(self, reference: str) -> str:
        """Another payable thing for the same order, as if the buyer had begun twice."""
        raise NotImplementedError

    def back_to_shop(self, reference: str, *, is_paid: bool) -> Response | None:
        """Where the browser goes."""
        raise NotImplementedError

    def signed(self, event: Event, *, forged: bool = False) -> Call:
        """The event as it is sent; forged: by somebody who does not know the secret."""
        raise NotImplementedError

    # --- sending ---
    def send(self, event: Event, act: Act | None = None, *, forged: bool = False) -> bool:
        """Signed anew at every try, as providers do. Whether the shop took it."""
        return self.world.call(self.signed(event, forged=forged), act).is_accepted

    def announce(self, events: list[Event], act: Act | None = None) -> None:
        """Tell the shop now; what it does not take comes again later."""
        for event in events:
            if not self.send(event, act):
                self.queue([event], delay=1.0)

    def queue(self, events: list[Event], delay: float | None = 0.0) -> None:
        """Tell the shop afterwards: what an API call of the shop itself has caused comes after its answer."""
        for event in events:
            self.world.later(self.name, self.title_of(event), functools.partial(self.send, event), delay)

    def title_of(self, event: Event) -> str:
        return str(event.get("type") or event.get("event") or event.get("event_type"))

    def _pay(self, act: Act) -> list[Event]:
        with self.world.lock:
            events = self.take_money(act.reference)
            act.back = self.back_to_shop(act.reference, is_paid=True)
        act.is_taken = True
        return events

    # --- behaviours ---
    def do_pay(self, act: Act) -> None:
        self.announce(self._pay(act), act)

    def do_decline(self, act: Act) -> None:
        with self.world.lock:
            events = self.refuse_money(act.reference)
        act.note = "declined"
        self.announce(events, act)

    def do_pay_twice(self, act: Act) -> None:
        with self.world.lock:
            other = self.copy_of(act.reference)
        first, second = self._pay(act), self._pay(Act(other, act.behaviour))
        self.announce([*first, *second], act)
        act.note = f"paid again as {other}"

    def do_pay_late(self, act: Act) -> None:
        """The buyer sits on the page; money is taken only then."""

        def pay() -> bool:
            late = Act(act.reference, "pay")
            try:
                self.do_pay(late)
            except Exception as error:  # noqa: BLE001 - told in the journal; the buyer goes away
                self.world.journal.note(self.name, "refused", str(error), reference=act.reference)
            return True

        self.world.later(self.name, "pay", pay, act.delay)
        with self.world.lock:
            act.back = self.back_to_shop(act.reference, is_paid=False)
        act.note = "will be paid later"

    def do_callback_late(self, act: Act) -> None:
        self.queue(self._pay(act), act.delay)
        act.note = "paid; the callback comes later"

    def do_callback_lost(self, act: Act) -> None:
        for event in self._pay(act):
            self.world.journal.note(self.name, "lost", self.title_of(event), sent=event)
        act.note = "paid; the callback is lost"

    def do_callback_shuffled(self, act: Act) -> None:
        events = self._pay(act)
        for event in [*reversed(events), *events, *reversed(events)]:
            self.send(event, act)

    def do_wrong_signature(self, act: Act) -> None:
        """Nobody has paid, somebody says so."""
        with self.world.lock, self.world.unseen(self.books):
            events = self.take_money(act.reference)
            calls = [self.signed(event, forged=True) for event in events]
        for call in calls:
            self.world.call(call, act, forged=True)
        act.note = "nothing was paid"
