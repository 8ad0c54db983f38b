"""What the audit log watches of stock."""

from karvon.audit.registry import exempt, record
from karvon.inventory.models import Reservation, StockLevel, StockMovement

record(StockLevel, merchant="branch__merchant", ignores=("updated_at", "is_low_announced"))

exempt(StockMovement, "an append-only history itself, that names the person; the level it moves is recorded")
exempt(Reservation, "follows orders; the level that it holds back is recorded")
