"""What the shop offers right now for the variants of a cart: one SQL query, whatever the number of lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from karvon.carts.lines import CartSnapshot
from karvon.carts.offer_rows import OfferRow, offers_sql
from karvon.inventory.prepared import planned_cursor
from karvon.kernel import clock
from karvon.kernel.languages import DEFAULT_LANGUAGE
from karvon.media.urls import asset_url
from karvon.promotions.rules import Rule
from karvon.promotions.selectors import parse_rules, rules_sql

_WANTED_MERCHANTS = """
SELECT seller.merchant_id FROM wanted JOIN catalog_variant AS seller ON seller.id = wanted.variant_id
"""

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
    merchant_timezone: str
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
    category_path: tuple[int, ...]  # root first
    position: int
    tracks_stock: bool
    problem: str | None
    branches: tuple[OfferBranch, ...]
    modifier_groups: tuple[OfferModifierGroup, ...]

    @property
    def category_ids(self) -> frozenset[int]:
        """The category and all above it."""
        return frozenset(self.category_path)

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
    rows = _run(offers_sql(language), _params(variants, modifier_ids, now))
    return {row.variant_id: _parse_offer(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Offers by variant id, the promotion rules that could apply to them, and what was asked for."""

    offers: Mapping[int, Offer]
    rules: tuple[Rule, ...] = ()
    variant_ids: frozenset[int] = frozenset()
    modifier_ids: frozenset[int] = frozenset()
    code: str | None = None

    def covers(self, snapshot: CartSnapshot) -> bool:
        """Whether all that pricing this cart needs was asked for: another device may have changed it."""
        return (
            snapshot.variant_ids <= self.variant_ids
            and snapshot.modifier_ids <= self.modifier_ids
            and (snapshot.coupon is None or snapshot.coupon.upper() == (self.code or "").upper())
        )


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
    rules = rules_sql(_WANTED_MERCHANTS, language=language)
    rows = _run(offers_sql(language, rules_sql=f"{rules}::text"), params)
    offers = {row.variant_id: _parse_offer(row) for row in rows}
    return Shelf(
        offers,
        tuple(parse_rules(rows[0].rules if rows else None)),
        variant_ids=frozenset(variants) | offers.keys(),
        modifier_ids=frozenset(params["modifiers"]),
        code=code,
    )


def _params(
    variants: list[int],
    modifier_ids: Iterable[int],
    now: datetime | None,
    *,
    products: list[int] | None = None,
) -> dict[str, Any]:
    return {
        "variants": json.dumps(variants),
        "products": json.dumps(products or []),
        "modifiers": sorted(set(modifier_ids)),
        "now": now or clock.now(),
    }


def _run(sql: str, params: dict[str, Any]) -> list[OfferRow]:
    with planned_cursor() as cursor:
        cursor.execute(sql, params)
        return [OfferRow(*row) for row in cursor.fetchall()]


def _parse_offer(row: OfferRow) -> Offer:
    branches = _loads(row.branches, [])
    return Offer(
        variant_id=row.variant_id,
        product_id=row.product_id,
        merchant_id=row.merchant_id,
        merchant_username=row.merchant_username,
        merchant_name=row.merchant_name,
        merchant_timezone=row.merchant_timezone,
        title=row.title,
        variant_title=row.variant_title,
        slug=row.slug,
        sku=row.sku,
        kind=row.kind,
        price=row.price,
        currency=row.currency,
        tax_rate=row.tax_rate,
        image_file=row.image_file,
        options=_loads(row.options, {}),
        category_path=tuple(row.category_ids or ()),
        position=row.position,
        tracks_stock=row.tracks_stock,
        problem=row.problem or (None if branches else MERCHANT_CLOSED),
        branches=tuple(_parse_branch(branch, tracks_stock=row.tracks_stock) for branch in branches),
        modifier_groups=tuple(_parse_group(group) for group in _loads(row.modifier_groups, [])),
    )


def _parse_group(row: list[Any]) -> OfferModifierGroup:
    group_id, name, least, most, modifiers = row
    parsed = tuple(_parse_modifier(modifier) for modifier in modifiers or ())
    return OfferModifierGroup(id=group_id, name=name, min_picks=least, max_picks=most, modifiers=parsed)


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


def _loads(document: str | None, default: Any) -> Any:
    return default if document is None else json.loads(document)
