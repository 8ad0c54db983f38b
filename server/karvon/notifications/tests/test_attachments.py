"""What goes with mails about orders."""

from __future__ import annotations

import pytest

from karvon.documents.models import Document, DocumentKind
from karvon.documents.tests.factories import needs_pango, without_pango
from karvon.kernel.testing import drain_outbox
from karvon.ledger.tests.factories import make_goods
from karvon.notifications import services
from karvon.notifications.models import Mail, MailKind, MailState
from karvon.notifications.tests.mailserver import mail_server
from karvon.orders.services import cancel_order, confirm_payment, record_refund
from karvon.orders.tests.factories import make_guest_order

pytestmark = pytest.mark.django_db


def send_all(settings) -> dict[str, list[str]]:
    """The names of the files that went with each kind of mail."""
    with mail_server(settings) as server:
        for mail in Mail.objects.filter(state=MailState.QUEUED).order_by("pk"):
            assert services.send_mail(mail_id=mail.pk) == MailState.SENT
    kinds = list(Mail.objects.order_by("pk").values_list("kind", flat=True))
    files = [[part.get_filename() for part in message.iter_attachments()] for message in server.taken]
    return dict(zip(kinds, files, strict=True))


def make_refunded_order():
    order = make_guest_order((make_goods(), 1), payment_method="payme", contact_email="aziza@example.com")
    confirm_payment(order_id=order.pk)
    cancel_order(order_id=order.pk, actor=None, reason="", is_holder=True)
    record_refund(order_id=order.pk)
    drain_outbox()
    return order


def number(kind: str) -> str:
    return f"{Document.objects.get(kind=kind).number}.pdf"


@needs_pango
def test_invoice_receipt_and_credit_note_go_with_the_news(settings):
    make_refunded_order()

    sent = send_all(settings)

    assert sent[MailKind.ORDER_CONFIRMATION] == [number(DocumentKind.INVOICE), number(DocumentKind.RECEIPT)]
    assert sent[MailKind.ORDER_REFUNDED] == [number(DocumentKind.CREDIT_NOTE)]
    mail = Mail.objects.get(kind=MailKind.ORDER_REFUNDED)
    assert "15,000" in mail.text_body


def test_without_pango_mails_go_without_files(settings):
    with without_pango():
        make_refunded_order()
        sent = send_all(settings)

    assert set(map(tuple, sent.values())) == {()}
    assert MailKind.ORDER_REFUNDED in sent
