# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Every read of promotions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import QuerySet

from karvon.kernel.errors import NotFound
from karvon.kernel.languages import DEFAULT_LANGUAGE
from karvon.merchants.selectors import merchant_ids_of
from karvon.promotions.membership import membership_rule
from karvon.promotions.models import Promotion
from karvon.promotions.rules import Rule
from karvon.promotions.texts import translated_sql

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User


def rules_sql(merchants_sql: str, *, language: str) -> str:
    """SQL of one value: a JSON list of the automatic rules of these merchants and the platform, the coupon, and
    the customer's membership.

    It expects the parameters `code`, `customer` (both may be NULL) and `now`, and whatever `merchants_sql`
    names; other rooms put it into their own statement to save a round trip. Amounts are text, so that no
    digit is lost.
    """
    name = translated_sql("promotion", "name", language)
    return f"""
    ((SELECT coalesce(jsonb_agg(to_jsonb(rule)), '[]'::jsonb) FROM (
        SELECT promotion.id, promotion.merchant_id, promotion.code, promotion.kind, {name} AS name,
               promotion.value::text, promotion.currency, promotion.minimum_subtotal::text,
               promotion.maximum_discount::text, promotion.priority, promotion.is_stackable,
               promotion.borne_by,
               ARRAY(SELECT scope.product_id FROM promotions_promotion_products AS scope
                     WHERE scope.promotion_id = promotion.id) AS product_ids,
               ARRAY(SELECT scope.category_id FROM promotions_promotion_categories AS scope
                     WHERE scope.promotion_id = promotion.id) AS category_ids,
               CASE WHEN NOT promotion.is_active THEN 'coupon_not_found'
                    WHEN promotion.starts_at > %(now)s::timestamptz THEN 'coupon_not_started'
                    WHEN promotion.ends_at <= %(now)s::timestamptz THEN 'coupon_expired'
                    WHEN promotion.used_count >= promotion.total_limit THEN 'coupon_exhausted'
                    WHEN promotion.per_customer_limit <= (
                        SELECT count(*) FROM promotions_promotionuse AS used
                        WHERE used.promotion_id = promotion.id AND used.released_at IS NULL
                          AND used.customer_key = %(customer)s::text) THEN 'coupon_used_up'
               END AS problem
        FROM promotions_promotion AS promotion
        WHERE (promotion.code IS NULL AND promotion.is_active
               AND (promotion.merchant_id IS NULL OR promotion.merchant_id IN ({merchants_sql})))
           OR upper(promotion.code) = upper(%(code)s::text)
        ORDER BY promotion.priority, promotion.id
    ) AS rule) || coalesce((
        SELECT jsonb_build_array(jsonb_build_object('membership', member.membership))
        FROM accounts_user AS member
        WHERE member.id = substring(%(customer)s::text FROM '^user:([0-9]+)$')::bigint
    ), '[]'::jsonb))
    """


def parse_rules(document: str | bytes | None) -> list[Rule]:
    """Rules from the JSON of `rules_sql`; automatic ones that may not be used now are left out."""
    rows: list[dict[str, Any]] = json.loads(document) if document else []
    rules = [_parse_any(row) for row in rows]
    return [rule for rule in rules if rule is not None and (rule.code or not rule.problem)]


def list_rules(
    *,
    code: str | None,
    merchant_ids: Iterable[int],
    now: datetime,
    customer_key: str | None = None,
    language: str = DEFAULT_LANGUAGE,
) -> list[Rule]:
    """The rules that could apply to a cart with goods of these merchants: one query with their scopes.

    The coupon named by `code` is among them even when it may not be used; its `problem` says why.
    """
    sql = rules_sql("SELECT unnest(%(merchants)s::bigint[])", language=language)
    params = {"code": code, "customer": customer_key, "now": now, "merchants": sorted(set(merchant_ids))}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}::text", params)
        return parse_rules(cursor.fetchone()[0])


def _parse_any(row: dict[str, Any]) -> Rule | None:
    return membership_rule(row["membership"]) if "membership" in row else _parse_rule(row)


def _parse_rule(row: dict[str, Any]) -> Rule:
    most = row["maximum_discount"]
    return Rule(
        id=row["id"],
        kind=row["kind"],
        value=Decimal(row["value"]),
        currency=row["currency"],
        name=row["name"],
        code=row["code"] or None,
        merchant_id=row["merchant_id"],
        minimum_subtotal=Decimal(row["minimum_subtotal"]),
        maximum_discount=None if most is None else Decimal(most),
        product_ids=frozenset(row["product_ids"]),
        category_ids=frozenset(row["category_ids"]),
        priority=row["priority"],
        is_stackable=row["is_stackable"],
        borne_by=row["borne_by"],
        problem=row["problem"],
    )


def promotions_visible_to(principal: User | AnonymousUser) -> QuerySet[Promotion]:
    """Promotions that the principal may manage: operators all, merchants their own, others none."""
    promotions = Promotion.objects.prefetch_related("products", "categories").order_by("priority", "id")
    if not principal.is_authenticated:
        return promotions.none()
    if principal.is_operator:
        return promotions
    return promotions.filter(merchant_id__in=merchant_ids_of(principal))


def get_promotion(promotion_id: int, principal: User | AnonymousUser) -> Promotion:
    """One promotion. Raises NotFound when there is none or it is another merchant's."""
    promotion = promotions_visible_to(principal).filter(pk=promotion_id).first()
    if promotion is None:
        raise NotFound
    return promotion
