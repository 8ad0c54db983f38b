"""What became of the mails about some buyers' orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent
from karvon.notifications.models import Mail, MailState
from karvon.notifications.tests.mailserver import Behaviour
from tests.faults.buyers import Buyer
from tests.faults.shop import wait_for

ON_ITS_WAY = (MailState.QUEUED, MailState.SENDING)


def hold_mails(mail: Behaviour) -> None:
    """From here on the mail server takes mails and says nothing. What buyers of an earlier test are still to be told goes
    first: it would be held in place of this test's mails.
    """
    wait_for(_is_nothing_on_its_way, "what was to be told before is told", seconds=120)
    mail.may_answer.clear()


def _is_nothing_on_its_way() -> bool:
    return not (
        OutboxEvent.objects.filter(relayed_at=None).exists()
        or EventDelivery.objects.filter(state=DeliveryState.PENDING).exists()
        or Mail.objects.filter(state__in=ON_ITS_WAY).exists()
    )


def states_of(buyers: Sequence[Buyer]) -> Counter[str]:
    """How many mails to these people are in which state."""
    mails = Mail.objects.filter(recipient__in=[buyer.email for buyer in buyers])
    return Counter(mails.values_list("state", flat=True))


def are_settled(buyers: Sequence[Buyer]) -> bool:
    """Whether each buyer has a mail and none is on its way."""
    states = states_of(buyers)
    return states.total() >= len(buyers) and not any(states[each] for each in ON_ITS_WAY)


def taken_by_server(mail: Behaviour, buyers: Sequence[Buyer]) -> Counter[str]:
    """How often the mail server was given a mail for each of them."""
    addresses = {buyer.email for buyer in buyers}
    return Counter(str(message["to"]) for message in list(mail.taken) if message["to"] in addresses)
