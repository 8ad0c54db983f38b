"""Every change of promotions."""

from karvon.promotions.services.managing import (
    PromotionInput,
    create_promotion,
    delete_promotion,
    update_promotion,
)
from karvon.promotions.services.using import reclaim_promotions, release_promotions, use_promotions

__all__ = [
    "PromotionInput",
    "create_promotion",
    "delete_promotion",
    "reclaim_promotions",
    "release_promotions",
    "update_promotion",
    "use_promotions",
]
