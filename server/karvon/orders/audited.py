"""What the audit log watches of orders."""

from karvon.audit.registry import exempt, record
from karvon.orders.models import Fulfilment, Order, OrderDiscount, OrderEvent, OrderLine

record(Order, ignores=("updated_at",), masks=("note",))
record(Fulfilment, merchant="merchant", ignores=("updated_at",))
record(OrderLine, merchant="fulfilment__merchant")
record(OrderDiscount)

exempt(OrderEvent, "the order's own append-only timeline, that names the person")
