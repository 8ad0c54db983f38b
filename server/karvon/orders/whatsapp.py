"""The chat in which a customer tells the shop about their order."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from karvon.kernel.formats import format_amount
from karvon.merchants.links import whatsapp_chat_url
from karvon.merchants.models import Merchant
from karvon.orders.models import Order

ADDRESS_FIELDS = ("line1", "line2", "city", "region", "postal_code", "instructions")


def whatsapp_order_url(order: Order, merchant: Merchant) -> str:
    """Opens WhatsApp with the order filled in, in the shop's language; "" where the shop has no number.

    Reads `order.lines`.
    """
    language = merchant.default_language
    with translation.override(language):
        total = format_amount(order.total, order.currency, language)
        text = [
            _("Hello! I would like to confirm my order %(number)s.") % {"number": order.number},
            "",
            *(f"{line.quantity} × {line.title}" for line in order.lines.all()),
            _("Total: %(total)s") % {"total": total},
            "",
            order.contact_name,
            order.contact_phone,
            address_text(order),
            order.note,
        ]
    return whatsapp_chat_url(merchant.whatsapp_link or merchant.phone, "\n".join(text).strip())


def address_text(order: Order) -> str:
    """Where an order goes, in one line."""
    address = order.delivery_address
    return ", ".join(str(address[name]) for name in ADDRESS_FIELDS if address.get(name))
