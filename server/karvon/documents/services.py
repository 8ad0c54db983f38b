"""Every write of this room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Prefetch

from karvon.documents.events import DocumentIssued
from karvon.documents.models import Document, DocumentKind
from karvon.documents.numbering import format_number, take_sequence
from karvon.documents.snapshots import Reference, Snapshot, from_json, to_json
from karvon.documents.taking import Share, take_of_refund, take_of_sale
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES
from karvon.orders.errors import OrderNotFound
from karvon.orders.locks import lock_order
from karvon.orders.models import Fulfilment, Order, OrderLine

if TYPE_CHECKING:
    from karvon.orders.events import MoneyMoved


@transactional
def issue_documents(*, order_id: int, now: datetime | None = None) -> list[Document]:
    """Writes what an order should have by now and has not: an invoice of each of its merchants once it is confirmed, and a
    receipt once what it has from that merchant is paid. Returns what was written; doing it again writes nothing.

    Raises OrderNotFound.
    """
    if not _is_behind(_read_shares(order_id), _known_keys(order_id)):
        return []
    lock_order(order_id)
    # read again: nobody writes them now but us
    shares, known = _read_shares(order_id), _known_keys(order_id)
    now = now or clock.now()
    return [
        _issue_of_sale(share, kind, now=now)
        for share in shares
        for kind in _wanted_kinds(share)
        if _key_of(share, kind) not in known
    ]


@transactional
def issue_credit_note(*, event: MoneyMoved, event_id: UUID, now: datetime | None = None) -> Document | None:
    """Writes down that money went back to the customer; the same document however often the event arrives. None for an event
    that gave nothing back.

    Raises OrderNotFound.
    """
    amount = Decimal(event.amount)
    if event.kind != "refunded" or amount <= 0:
        return None
    issue_documents(order_id=event.order_id, now=now)
    lock_order(event.order_id)
    key = f"refund:{event_id}"
    if (known := Document.objects.filter(key=key).first()) is not None:
        return known
    share = _share_of_part(event.order_id, event.fulfilment_id)
    snapshot = take_of_refund(
        share,
        amount=amount,
        already=_credited(event.fulfilment_id),
        refers_to=_reference(_key_of(share, DocumentKind.INVOICE)),
    )
    return _write(share, DocumentKind.CREDIT_NOTE, key, snapshot, now=now or clock.now())


def _read_shares(order_id: int) -> list[Share]:
    """What each merchant has in an order, by merchant."""
    parts = Fulfilment.objects.select_related("merchant", "branch").order_by("pk")
    lines = OrderLine.objects.order_by("position", "pk")
    orders = Order.objects.select_related("customer").prefetch_related(
        Prefetch("fulfilments", parts), Prefetch("lines", lines), "discounts"
    )
    order = orders.filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    by_merchant: dict[int, list[Fulfilment]] = defaultdict(list)
    for part in order.fulfilments.all():
        by_merchant[part.merchant_id].append(part)
    return [_share(order, own) for _merchant, own in sorted(by_merchant.items())]


def _share(order: Order, parts: Sequence[Fulfilment]) -> Share:
    own = {part.pk for part in parts}
    return Share(order, parts, [line for line in order.lines.all() if line.fulfilment_id in own])


def _share_of_part(order_id: int, fulfilment_id: int) -> Share:
    for share in _read_shares(order_id):
        for part in share.parts:
            if part.pk == fulfilment_id:
                return _share(share.order, [part])
    raise OrderNotFound


def _wanted_kinds(share: Share) -> list[str]:
    if share.order.confirmed_at is None:
        return []
    return [DocumentKind.INVOICE, DocumentKind.RECEIPT] if share.is_settled else [DocumentKind.INVOICE]


def _key_of(share: Share, kind: str) -> str:
    return f"{kind}:{share.order.pk}:{share.parts[0].merchant_id}"


def _known_keys(order_id: int) -> set[str]:
    return set(Document.objects.filter(order_id=order_id).values_list("key", flat=True))


def _is_behind(shares: Sequence[Share], known: set[str]) -> bool:
    return any(_key_of(share, kind) not in known for share in shares for kind in _wanted_kinds(share))


def _issue_of_sale(share: Share, kind: str, *, now: datetime) -> Document:
    is_receipt = kind == DocumentKind.RECEIPT
    refers_to = _reference(_key_of(share, DocumentKind.INVOICE)) if is_receipt else None
    snapshot = take_of_sale(share, refers_to=refers_to, is_receipt=is_receipt)
    return _write(share, kind, _key_of(share, kind), snapshot, now=now)


def _reference(key: str) -> Reference | None:
    found = Document.objects.filter(key=key).values_list("number", "issued_at").first()
    return Reference(*found) if found else None


def _credited(fulfilment_id: int) -> dict[int, int]:
    """Units by line that credit notes of this part have given back so far."""
    notes = Document.objects.filter(fulfilment_id=fulfilment_id, kind=DocumentKind.CREDIT_NOTE)
    newest = notes.order_by("-pk").values_list("snapshot", flat=True).first()
    return dict(from_json(newest).credited) if newest else {}


def _write(share: Share, kind: str, key: str, snapshot: Snapshot, *, now: datetime) -> Document:
    """The row with the next number. The order is locked: nobody else writes documents of it."""
    order, part = share.order, share.parts[0]
    year = clock.day_in(now, part.merchant.timezone).year
    sequence = take_sequence(merchant_id=part.merchant_id, kind=kind, year=year)
    document = Document.objects.create(
        key=key,
        kind=kind,
        order=order,
        merchant=part.merchant,
        fulfilment=part if kind == DocumentKind.CREDIT_NOTE else None,
        year=year,
        sequence=sequence,
        number=format_number(kind=kind, year=year, sequence=sequence),
        language=order.language if order.language in LANGUAGES else DEFAULT_LANGUAGE,
        currency=order.currency,
        total=snapshot.total,
        issued_at=now,
        snapshot=to_json(snapshot),
    )
    publish(DocumentIssued(document.pk, order.pk, part.merchant_id, kind))
    return document


@transactional
def note_file(*, document_id: int, name: str, digest: str, size: int, instead_of: str, now: datetime) -> bool:
    """Remembers the file of a document; False where somebody else has made one meanwhile."""
    rows = Document.objects.filter(pk=document_id, file=instead_of)
    return bool(rows.update(file=name, file_sha256=digest, file_size=size, rendered_at=now))
