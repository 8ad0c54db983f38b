"""Sales from before the ledger, or written past the services: their standing is posted in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet

from karvon.kernel.db import transactional
from karvon.kernel.models import OutboxEvent
from karvon.ledger.entries import opening_of
from karvon.ledger.models import Transaction
from karvon.ledger.posting import Posting, post_many
from karvon.orders.dues import dues_of_part
from karvon.orders.events import MoneyMoved
from karvon.orders.models import Fulfilment, OrderLine
from karvon.orders.sales import sale_of_part
from karvon.orders.services.settling import money_moved

CHUNK = 1000


def post_earlier_sales() -> int:
    """Post every settled part of an order that the ledger does not know and that no news is about; returns how many.

    May be run again, and beside a shop at work: each part is posted once.
    """
    posted = 0
    last = 0
    while chunk := list(_unknown().filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        posted += _post_chunk(chunk)
    return posted


@transactional
def _post_chunk(parts: list[Fulfilment]) -> int:
    return post_many(list(_openings(parts)))


def _unknown() -> QuerySet[Fulfilment]:
    posted = Transaction.objects.filter(fulfilment=OuterRef("pk"))
    told = OutboxEvent.objects.filter(type=MoneyMoved.TYPE).values("payload__fulfilment_id")
    return (
        Fulfilment.objects.filter(~Exists(posted), settled_at__isnull=False)
        .exclude(pk__in=[row["payload__fulfilment_id"] for row in told.distinct().iterator()])
        .select_related("order")
        .order_by("pk")
    )


def _openings(parts: list[Fulfilment]) -> Iterator[Posting]:
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(fulfilment__in=parts).order_by("pk"):
        lines[line.fulfilment_id].append(line)
    for part in parts:
        order, own = part.order, lines[part.pk]
        dues = dues_of_part(part, own, order.currency)
        sale = sale_of_part(part, own, order.currency)
        event = money_moved(order, part, sale, kind="paid", now=part.settled_at)
        yield opening_of(event, to_refund=dues.to_refund)
