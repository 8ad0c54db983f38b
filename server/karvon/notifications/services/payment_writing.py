"""Messages to shops about customers' money."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from karvon.kernel.db import transactional
from karvon.kernel.formats import format_amount
from karvon.notifications.models import Topic
from karvon.notifications.order_mails import find_order
from karvon.notifications.rendering import speak
from karvon.notifications.services.announcing import tell
from karvon.notifications.services.writing import people_told
from karvon.payments.events import SurplusMoved


@transactional
def tell_sellers_of_late_money(event: SurplusMoved, *, event_id: UUID) -> int:
    """An inbox message to the owner and managers of each shop of an order that was paid after it was over; returns how many."""
    order = find_order(event.order_id)
    if order is None:
        return 0
    people = {person.pk: person for part in order.fulfilments.all() for person in people_told(part.merchant)}
    for person in people.values():
        with translation.override(speak(person.language)):
            amount = format_amount(Decimal(event.amount), event.currency, speak(person.language))
            tell(
                user=person,
                topic=Topic.ORDERS,
                title=_("Order %(number)s was paid too late") % {"number": order.number},
                body=_(
                    "%(amount)s came in when the order was over and could not be brought back. The money goes back to the customer."
                )
                % {"amount": amount},
                source=f"{event_id}:late:{person.pk}",
                data={"order": order.pk, "number": order.number},
            )
    return len(people)
