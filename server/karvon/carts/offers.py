# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""What the shop offers right now for the variants of a cart: one SQL query, whatever the number of lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from karvon.kernel import clock
from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES
from karvon.media.urls import asset_url
from karvon.promotions.rules import Rule
from karvon.promotions.selectors import parse_rules, rules_sql
from karvon.promotions.texts import translated_sql

WITHDRAWN = "withdrawn"
MERCHANT_CLOSED = "merchant_closed"


@dataclass(frozen=True, slots=True)
class OfferBranch:
    """An open branch and its terms; `available` None means that the units are not counted."""

    branch_id: int
    name: str
    is_default: bool
    is_active: bool
    available: int | None
    delivery_fee: Decimal
    free_delivery_from: Decimal | None
    minimum_order: Decimal
    offers_delivery: bool
    offers_pickup: bool

    def has(self, quantity: int) -> bool:
        return self.available is None or self.available >= quantity

    def serves(self, delivery_type: str) -> bool:
        return self.offers_pickup if delivery_type == "pickup" else self.offers_delivery


@dataclass(frozen=True, slots=True)
class OfferModifier:
    """One of the asked modifiers as it is now."""

    id: int
    name: str
    price_delta: Decimal
    is_active: bool


@dataclass(frozen=True, slots=True)
class OfferModifierGroup:
    """A question asked of the product. `modifiers` holds only those that the caller asked about."""

    id: int
    name: str
    min_picks: int
    max_picks: int
    modifiers: tuple[OfferModifier, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as it can be bought now; prices without modifiers.

    `problem` is withdrawn, merchant_closed or None.
    """

    variant_id: int
    product_id: int
    merchant_id: int
    merchant_username: str
    merchant_name: str
    title: str
    variant_title: str
    slug: str
    sku: str
    kind: str
    price: Decimal
    currency: str
    tax_rate: Decimal
    image_file: str | None
    options: Mapping[str, str]
    category_ids: frozenset[int]
    position: int
    tracks_stock: bool
    problem: str | None
    branches: tuple[OfferBranch, ...]
    modifier_groups: tuple[OfferModifierGroup, ...]

    @property
    def is_sellable(self) -> bool:
        return self.problem is None

    @property
    def image(self) -> str | None:
        """URL of the first picture."""
        return asset_url(self.image_file) if self.image_file else None

    @property
    def most_available(self) -> int | None:
        """Units that one branch can hand over at once; None when they are not counted."""
        if not self.tracks_stock:
            return None
        return max((branch.available or 0 for branch in self.branches), default=0)

    def pick_modifiers(self, modifier_ids: Iterable[int]) -> tuple[OfferModifier, ...] | None:
        """The modifiers of these ids in menu order; None when the choice is not allowed (any more)."""
        wanted = set(modifier_ids)
        picked: list[OfferModifier] = []
        for group in self.modifier_groups:
            chosen = [m for m in group.modifiers if m.id in wanted and m.is_active]
            if not group.min_picks <= len(chosen) <= group.max_picks:
                return None
            picked += chosen
        return tuple(picked) if {modifier.id for modifier in picked} == wanted else None

    def unit_price(self, modifiers: Iterable[OfferModifier]) -> Decimal:
        """The price of one unit with these modifiers, never below zero."""
        return max(self.price + sum((m.price_delta for m in modifiers), Decimal(0)), Decimal(0))


def list_offers(
    variant_ids: Iterable[int],
    modifier_ids: Iterable[int] = (),
    *,
    language: str = DEFAULT_LANGUAGE,
    now: datetime | None = None,
) -> dict[int, Offer]:
    """Offers by variant id; variants that do not exist (any more) are absent.

    One query, none for no variants.
    """
    variants = sorted(set(variant_ids))
    if not variants:
        return {}
    sql = _offers_sql(language, rules_column="")
    return {offer.variant_id: offer for offer, _ in _run(sql, _params(variants, modifier_ids, now))}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Offers by variant id, and the promotion rules that could apply to them."""

    offers: Mapping[int, Offer]
    rules: tuple[Rule, ...] = ()


def load_shelf(
    variant_ids: Iterable[int],
    modifier_ids: Iterable[int] = (),
    *,
    language: str = DEFAULT_LANGUAGE,
    product_ids: Iterable[int] = (),
    code: str | None = None,
    customer_key: str | None = None,
    now: datetime | None = None,
) -> Shelf:
    """Offers together with the rules for them, still in one query (none when nothing is asked for).

    `product_ids` adds every variant of these products.
    """
    variants, products = sorted(set(variant_ids)), sorted(set(product_ids))
    if not variants and not products:
        return Shelf({})
    params = _params(variants, modifier_ids, now, products=products)
    params |= {"code": code, "customer": customer_key}
    rules = rules_sql("SELECT wanted.merchant_id FROM wanted", language=language)
    # the rules ride on the first row only
    rows = _run(
        _offers_sql(language, rules_column=f", CASE WHEN row_number() OVER () = 1 THEN {rules} END"), params
    )
    offers = {offer.variant_id: offer for offer, _ in rows}
    document = next((extra for _, extra in rows if extra is not None), None)
    return Shelf(offers, tuple(parse_rules(document)))


def _params(
    variants: list[int],
    modifier_ids: Iterable[int],
    now: datetime | None,
    *,
    products: list[int] | None = None,
) -> dict[str, Any]:
    return {
        "variants": variants,
        "products": products or [],
        "modifiers": sorted(set(modifier_ids)),
        "now": now or clock.now(),
    }


def _offers_sql(language: str, *, rules_column: str) -> str:
    """Amounts inside JSON are text, so that no digit is lost."""
    if language not in LANGUAGES:
        language = DEFAULT_LANGUAGE

    def text(alias: str, column: str) -> str:
        return translated_sql(alias, column, language, default_sql="merchant.default_language")

    return f"""
    WITH wanted AS MATERIALIZED (
        SELECT variant.* FROM catalog_variant AS variant
        WHERE variant.id = ANY(%(variants)s) OR variant.product_id = ANY(%(products)s)
    )
    SELECT variant.id, product.id, merchant.id, merchant.username, merchant.name,
           {text("product", "title")}, {text("variant", "title")}, product.slug, variant.sku, product.kind,
           variant.price, product.currency, merchant.tax_rate,
           (SELECT asset.file
            FROM catalog_productimage AS image JOIN media_asset AS asset ON asset.id = image.asset_id
            WHERE image.product_id = product.id
            ORDER BY (image.variant_id = variant.id) IS TRUE DESC, image.position, image.id LIMIT 1),
           (SELECT json_object_agg(attribute.code,
                       coalesce({text("choice", "label")}, own.text, trim_scale(own.number)::text,
                                own.boolean::text)
                       ORDER BY attribute.position, attribute.id)::text
            FROM catalog_variantattribute AS own
            JOIN catalog_attribute AS attribute ON attribute.id = own.attribute_id
            LEFT JOIN catalog_attributechoice AS choice ON choice.id = own.choice_id
            WHERE own.variant_id = variant.id),
           shown.category_ids, variant.position, variant.tracks_stock,
           CASE WHEN merchant.state <> 'active' THEN 'merchant_closed'
                WHEN product.deleted_at IS NOT NULL OR product.state <> 'published' OR NOT variant.is_active
                     OR product.publish_at > %(now)s OR product.unpublish_at <= %(now)s THEN 'withdrawn'
           END,
           (SELECT jsonb_agg(jsonb_build_array(
                       branch.id, {text("branch", "name")}, branch.is_default,
                       coalesce(level.on_hand - level.reserved, 0),
                       branch.delivery_fee::text, branch.free_delivery_from::text, branch.minimum_order::text,
                       branch.offers_delivery, branch.offers_pickup)
                       ORDER BY branch.is_default DESC, branch.id)
            FROM merchants_branch AS branch
            LEFT JOIN inventory_stocklevel AS level
                   ON level.branch_id = branch.id AND level.variant_id = variant.id
            WHERE branch.merchant_id = merchant.id AND branch.is_active),
           (SELECT jsonb_agg(jsonb_build_array(
                       asked.id, {text("asked", "name")}, asked.min_picks, asked.max_picks,
                       (SELECT jsonb_agg(jsonb_build_array(
                                   modifier.id, {text("modifier", "name")}, modifier.price_delta::text,
                                   modifier.is_active) ORDER BY modifier.position, modifier.id)
                        FROM catalog_modifier AS modifier
                        WHERE modifier.group_id = asked.id AND modifier.id = ANY(%(modifiers)s)))
                       ORDER BY link.position, link.id)
            FROM catalog_productmodifiergroup AS link
            JOIN catalog_modifiergroup AS asked ON asked.id = link.group_id
            WHERE link.product_id = product.id)
           {rules_column or ", NULL"}
    FROM wanted AS variant
    JOIN catalog_product AS product ON product.id = variant.product_id
    JOIN merchants_merchant AS merchant ON merchant.id = product.merchant_id
    LEFT JOIN catalog_windowrow AS shown ON shown.product_id = product.id
    """


def _run(sql: str, params: dict[str, Any]) -> list[tuple[Offer, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [(_parse_offer(row[:-1]), row[-1]) for row in cursor.fetchall()]


def _parse_offer(row: tuple[Any, ...]) -> Offer:
    tracks_stock, problem, branches = row[17], row[18], _loads(row[19], [])
    if problem is None and not branches:
        problem = MERCHANT_CLOSED
    return Offer(
        *row[:14],
        options=_loads(row[14], {}),
        category_ids=frozenset(row[15] or ()),
        position=row[16],
        tracks_stock=tracks_stock,
        problem=problem,
        branches=tuple(_parse_branch(branch, tracks_stock=tracks_stock) for branch in branches),
        modifier_groups=tuple(
            OfferModifierGroup(*group[:4], tuple(_parse_modifier(modifier) for modifier in group[4] or ()))
            for group in _loads(row[20], [])
        ),
    )


def _parse_branch(row: list[Any], *, tracks_stock: bool) -> OfferBranch:
    branch_id, name, is_default, available, fee, free_from, minimum, delivers, hands_over = row
    return OfferBranch(
        branch_id=branch_id,
        name=name,
        is_default=is_default,
        is_active=True,
        available=available if tracks_stock else None,
        delivery_fee=Decimal(fee),
        free_delivery_from=None if free_from is None else Decimal(free_from),
        minimum_order=Decimal(minimum),
        offers_delivery=delivers,
        offers_pickup=hands_over,
    )


def _parse_modifier(row: list[Any]) -> OfferModifier:
    return OfferModifier(id=row[0], name=row[1], price_delta=Decimal(row[2]), is_active=row[3])


def _loads(document: str | bytes | None, default: Any) -> Any:
    """Django leaves jsonb of hand-written SQL as text."""
    return default if document is None else json.loads(document)
