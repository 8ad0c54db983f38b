# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Every read of stock, and the check of its books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import F, QuerySet

from karvon.inventory.models import StockLevel, StockMovement
from karvon.inventory.window import SHOWN_STOCK
from karvon.kernel.errors import NotFound
from karvon.merchants.selectors import merchant_ids_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Two numbers that must be equal and are not. `subject` names the row, such as "stock level 12"."""

    check: str
    subject: str
    expected: int
    actual: int


def levels_visible_to(principal: User | AnonymousUser) -> QuerySet[StockLevel]:
    """Levels that the principal may see: operators all, merchants and their staff their own, others none."""
    levels = StockLevel.objects.select_related("variant__product", "branch").filter(
        variant__product__deleted_at__isnull=True
    )
    if not principal.is_authenticated:
        return levels.none()
    if principal.is_operator:
        return levels
    return levels.filter(variant__merchant_id__in=merchant_ids_of(principal))


def movements_visible_to(principal: User | AnonymousUser) -> QuerySet[StockMovement]:
    """The ledger lines that the principal may see, newest first."""
    movements = StockMovement.objects.select_related("level__variant", "level__branch", "actor")
    if not principal.is_authenticated:
        return movements.none()
    if principal.is_operator:
        return movements
    return movements.filter(level__variant__merchant_id__in=merchant_ids_of(principal))


def get_level(level_id: int, principal: User | AnonymousUser) -> StockLevel:
    """One level. Raises NotFound when there is none or it is another merchant's."""
    level = levels_visible_to(principal).filter(pk=level_id).first()
    if level is None:
        raise NotFound
    return level


def list_low_levels(principal: User | AnonymousUser) -> QuerySet[StockLevel]:
    """Levels at or below their threshold, the emptiest first."""
    return only_low(levels_visible_to(principal)).order_by(F("on_hand") - F("reserved"), "id")


def only_low(levels: QuerySet[StockLevel]) -> QuerySet[StockLevel]:
    """Levels at or below their threshold."""
    return levels.filter(low_threshold__isnull=False, low_threshold__gte=F("on_hand") - F("reserved"))


_CHECKS = {
    "units on hand are the sum of their movements": """
        SELECT 'stock level ' || level.id, coalesce(ledger.total, 0), level.on_hand
        FROM inventory_stocklevel AS level
        LEFT JOIN (SELECT level_id, sum(quantity) AS total FROM inventory_stockmovement GROUP BY level_id)
               AS ledger ON ledger.level_id = level.id
        WHERE level.on_hand <> coalesce(ledger.total, 0)
        ORDER BY level.id""",
    "reserved units are the sum of open reservations": """
        SELECT 'stock level ' || level.id, coalesce(held.total, 0), level.reserved
        FROM inventory_stocklevel AS level
        LEFT JOIN (SELECT level_id, sum(quantity - returned) AS total FROM inventory_reservation
                   WHERE state = 'open' GROUP BY level_id) AS held
               ON held.level_id = level.id
        WHERE level.reserved <> coalesce(held.total, 0)
        ORDER BY level.id""",
    "the shop window shows the units for sale": f"""
        SELECT 'window of product ' || shown.product_id, coalesce(stock.quantity, 0), shown.quantity
        FROM catalog_windowrow AS shown
        LEFT JOIN ({SHOWN_STOCK.format(condition="")}) AS stock ON stock.product_id = shown.product_id
        WHERE shown.quantity <> coalesce(stock.quantity, 0)
           OR shown.in_stock <> coalesce(stock.has_uncounted OR stock.quantity > 0, false)
        ORDER BY shown.product_id""",
}


def list_discrepancies(*, limit: int = 1000) -> list[Discrepancy]:
    """Where the books of stock do not agree: nothing, if all is well.

    Three queries, each over whole tables.
    """
    found: list[Discrepancy] = []
    with connection.cursor() as cursor:
        for check, sql in _CHECKS.items():
            cursor.execute(f"{sql} LIMIT %s", [limit])
            found.extend(
                Discrepancy(check, subject, int(expected), int(actual))
                for subject, expected, actual in cursor.fetchall()
            )
    return found
