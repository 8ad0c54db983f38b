"""What Payme, Click and Uzum have in common: the payment begins with a link, and the provider asks the shop step by step."""

from __future__ import annotations

from typing import Any, ClassVar

from karvon.simulators.core import Act, Provider


class Unheard(Exception):
    """The shop did not answer, or not in the protocol's words."""


class ConversingProvider(Provider):
    """A provider says how a payment is begun and finished; money is taken between the two."""

    BEHAVIOURS: ClassVar[dict[str, str]] = {
        "pay": "Pay",
        "decline": "Decline",
        "pay-twice": "Pay twice",
        "pay-late": "Pay late",
        "callback-late": "Pay, last callback late",
        "callback-lost": "Pay, last callback lost",
        "callback-shuffled": "Pay, callbacks three times and out of order",
        "wrong-signature": "Callbacks with a wrong key",
    }

    def begin(self, act: Act) -> Any:
        """Ask the shop whether it wants the money; None when it does not."""
        raise NotImplementedError

    def pay(self, act: Act, attempt: Any) -> None:
        """Take the money and tell the shop."""
        raise NotImplementedError

    def back_to_shop(self, reference: str) -> Any:
        raise NotImplementedError

    def milliseconds(self) -> int:
        return int(self.world.now() * 1000)

    def refused(self, act: Act, said: Any) -> None:
        """The shop refuses the payment."""
        self.world.journal.note(
            self.name, "refused", "the shop refuses the payment", reference=act.reference, answer=said
        )
        act.note = f"the shop refuses: {said}"

    def perform(self, act: Act) -> None:
        self.bill(act.reference)  # an order that was never opened is a LookupError
        try:
            super().perform(act)
        except Unheard as error:
            act.note = f"not finished: {error}"
            self.world.journal.note(self.name, "unheard", str(error), reference=act.reference)

    def do_pay(self, act: Act) -> None:
        if attempt := self.begin(act):
            self.pay(act, attempt)

    def do_pay_late(self, act: Act) -> None:
        """Begun in time, paid when the shop no longer waits for it."""
        attempt = self.begin(act)
        if attempt is None:
            return

        def pay() -> bool:
            self.pay(Act(act.reference, "pay"), attempt)
            return True

        self.world.later(self.name, "pay", pay, act.delay)
        act.back, act.note = self.back_to_shop(act.reference), "will be paid later"
