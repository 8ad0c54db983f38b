"""What the audit log watches of promotions."""

from karvon.audit.registry import exempt, record
from karvon.promotions.models import Promotion, PromotionUse

record(Promotion, merchant="merchant", ignores=("used_count",))
record(Promotion.products.through, merchant="promotion__merchant")
record(Promotion.categories.through, merchant="promotion__merchant")

exempt(PromotionUse, "follows orders, whose discounts are recorded")
